# Writes the file IN as the C source OUT: scn_tutorial_text and scn_tutorial_name of scenarios/read.h.
file(READ "${IN}" hex HEX)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "    \\1\n" bytes "${bytes}")
get_filename_component(name "${IN}" NAME)
file(WRITE "${OUT}" "/* Written by cmake/embed_tutorial.cmake from ${name}. */
#include \"scenarios/read.h\"

static const unsigned char text[] = {
${bytes}0};

const char *scn_tutorial_text(size_t *size)
{
    *size = sizeof(text) - 1;
    return (const char *)text;
}

const char *scn_tutorial_name(void)
{
    return \"${name}\";
}
")
