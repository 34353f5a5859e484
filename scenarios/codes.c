/* The table of codes, and the page of the documentation that is written from it. */
#include "scenarios/codes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct scn_code CODES[] = {
#define ERROR(subject, code, brief, meaning, remedy)                                               \
    {code, SCN_CODE_##subject, BASE_ERROR, brief, meaning, remedy},
#define WARNING(subject, code, brief, meaning, remedy)                                             \
    {code, SCN_CODE_##subject, BASE_WARNING, brief, meaning, remedy},
#include "scenarios/codes.def"
#undef ERROR
#undef WARNING
};

#define CODE_COUNT (sizeof(CODES) / sizeof(CODES[0]))

const struct scn_code *scn_code_at(size_t index)
{
    return index < CODE_COUNT ? &CODES[index] : NULL;
}

const struct scn_code *scn_code_find(const char *code, size_t *index)
{
    for (size_t i = 0; i < CODE_COUNT; i++) {
        if (strcmp(CODES[i].code, code) != 0)
            continue;
        if (index)
            *index = i;
        return &CODES[i];
    }
    return NULL;
}

static const char *const HEADINGS[SCN_CODE_SUBJECTS] = {
    [SCN_CODE_FILE] = "The file",
    [SCN_CODE_VALUE] = "Keys and values",
    [SCN_CODE_STEP] = "Steps and expectations",
    [SCN_CODE_MODEL] = "VDCs, gateways, hosts",
    [SCN_CODE_TUNNEL] = "Tunnels",
    [SCN_CODE_IMPORT] = "Answers of the API",
};

static void write_subject(FILE *out, enum scn_code_subject subject)
{
    fprintf(out, "\n## %s\n", HEADINGS[subject]);
    for (size_t i = 0; i < CODE_COUNT; i++) {
        const struct scn_code *code = &CODES[i];
        if (code->subject != subject)
            continue;
        fprintf(out, "\n### `%s`\n%s: %s.\n%s **Remedy:** %s\n", code->code,
                code->severity == BASE_ERROR ? "Error" : "Warning", code->brief, code->meaning,
                code->remedy);
    }
}

char *scn_codes_markdown(void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    fputs(
        "# What `check` and `import` say\n"
        "Every message about a file ends in one of these codes: "
        "`file:line:column: error: what; what would be right [code]`.\n"
        "An error is what the product would refuse, or what cannot be read: nothing runs, and the "
        "exit status is 2. A warning is what can be set\n"
        "up although it will not work, or not as meant; it is then simulated. "
        "`tunnelbed check --format sarif` carries the same table as rules, for code hosts.\n\n"
        "This page is written from `scenarios/codes.def` (`tests/scenarios/codes.py --write`).\n",
        out);
    for (unsigned i = 0; i < SCN_CODE_SUBJECTS; i++)
        write_subject(out, (enum scn_code_subject)i);
    fclose(out);
    return text;
}
