/*
 * Every code that a message about a file can carry, in one table: what it means and what to do about it. The rules of
 * `check --format sarif` and docs/diagnostics.md are written from it; a test compares it with the codes in the sources.
 */
#ifndef SCENARIOS_CODES_H
#define SCENARIOS_CODES_H

#include "base/diagnostic.h"

#include <stddef.h>

enum scn_code_subject {
    SCN_CODE_FILE,   /* the text of a file, and its bases */
    SCN_CODE_VALUE,  /* keys and values */
    SCN_CODE_STEP,   /* steps and expectations */
    SCN_CODE_MODEL,  /* gateways, LANs, hosts */
    SCN_CODE_TUNNEL, /* tunnels and their peers */
    SCN_CODE_IMPORT, /* the API's answers, as `import` reads them */
    SCN_CODE_SUBJECTS,
};

/* Sentences without a line break; Markdown code spans are the only markup in them. */
struct scn_code {
    const char *code;
    enum scn_code_subject subject;
    enum base_severity severity;
    const char *brief;   /* a heading */
    const char *meaning; /* what is wrong, and what comes of it */
    const char *remedy;
};

/* In the order of the table, by subject; NULL past the end. */
const struct scn_code *scn_code_at(size_t index);

/* NULL where there is none. `index`, where not NULL, takes its place in the table. */
const struct scn_code *scn_code_find(const char *code, size_t *index);

/* docs/diagnostics.md, to be freed. */
char *scn_codes_markdown(void);

#endif
