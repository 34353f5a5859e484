/* The five characters that XML 1.0 section 2.4 asks to be escaped, four of which matter here. */
#include "report/xml.h"

void report_xml_text(FILE *out, const char *text)
{
    for (; text && *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '&')
            fputs("&amp;", out);
        else if (c == '<')
            fputs("&lt;", out);
        else if (c == '>')
            fputs("&gt;", out);
        else if (c == '"')
            fputs("&quot;", out);
        else if (c < 0x20)
            fputc(' ', out);
        else
            fputc(c, out);
    }
}
