/*
 * Writing YAML by hand: one value a line in flow style, as the documentation writes scenarios,
 * which libyaml's emitter would not lay out so, nor does it write comments. Whatever could be read
 * as something else is double-quoted, with all but plain printable characters escaped.
 */
#include "import/internal.h"

#include <ctype.h>
#include <string.h>

/* The next character of UTF-8 text that libyaml has checked; *at goes behind it. */
static unsigned next_char(const char **at)
{
    const unsigned char *c = (const unsigned char *)*at;
    unsigned code = c[0];
    int more = code < 0x80 ? 0 : code < 0xe0 ? 1 : code < 0xf0 ? 2 : 3;
    if (more)
        code &= 0x3fu >> more;
    for (int i = 1; i <= more && c[i]; i++) {
        code = code << 6 | (c[i] & 0x3f);
        *at += 1;
    }
    *at += 1;
    return code;
}

/* YAML 1.1, section 4.1.1, without what it takes for a line break or a byte order mark. */
static bool is_printable(unsigned code)
{
    return (code >= 0x20 && code <= 0x7e) ||
           (code >= 0xa0 && code <= 0xd7ff && code != 0x2028 && code != 0x2029) ||
           (code >= 0xe000 && code <= 0xfffd && code != 0xfeff) || code >= 0x10000;
}

static bool is_word_of_yaml(const char *text)
{
    static const char *const words[] = {"null", "true", "false", "yes", "no",
                                        "on",   "off",  "y",     "n"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (!strcasecmp(text, words[i]))
            return true;
    return false;
}

/* An IPv4 address or network, or a word that begins with a letter, after a number and a dash perhaps. */
static bool is_plain(const char *text)
{
    struct net_prefix prefix;
    size_t digits = strspn(text, "0123456789");
    if (digits && text[digits] == '-' && isupper((unsigned char)text[digits + 1]))
        text += digits + 1; /* 15-MODP3072 */
    if (isdigit((unsigned char)text[0]))
        return strchr(text, '.') && net_prefix_parse(text, NET_PREFIX_KEEP, &prefix) &&
               prefix.addr.family == NET_ADDR_IP4;
    if (!isalpha((unsigned char)text[0]) || is_word_of_yaml(text))
        return false;
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && !strchr("._-/", *text))
            return false;
    return true;
}

void import_put_text(FILE *out, const char *text)
{
    if (is_plain(text)) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    while (*text) {
        const char *at = text;
        unsigned code = next_char(&text);
        if (code == '"' || code == '\\')
            fprintf(out, "\\%c", (char)code);
        else if (code == '\n')
            fputs("\\n", out);
        else if (is_printable(code))
            fwrite(at, 1, (size_t)(text - at), out);
        else if (code < 0x100)
            fprintf(out, "\\x%02X", code);
        else
            fprintf(out, "\\u%04X", code);
    }
    fputc('"', out);
}

void import_put_node(FILE *out, const struct scn_node *node)
{
    if (node->kind == SCN_SCALAR && (node->plain || node->null)) {
        fputs(node->null ? "null" : node->text, out);
        return;
    }
    if (node->kind == SCN_SCALAR) {
        import_put_text(out, node->text);
        return;
    }
    fputc(node->kind == SCN_LIST ? '[' : '{', out);
    for (size_t i = 0; i < node->count; i++) {
        fputs(i ? ", " : "", out);
        if (node->kind == SCN_MAP) {
            import_put_text(out, node->entries[i].key);
            fputs(": ", out);
        }
        import_put_node(out, node->kind == SCN_LIST ? node->items[i] : node->entries[i].value);
    }
    fputc(node->kind == SCN_LIST ? ']' : '}', out);
}

void import_put_comment(FILE *out, int indent, const char *text)
{
    fprintf(out, "%*s# ", indent, "");
    while (*text) {
        const char *at = text;
        if (is_printable(next_char(&text)))
            fwrite(at, 1, (size_t)(text - at), out);
        else
            fputc(' ', out);
    }
    fputc('\n', out);
}
