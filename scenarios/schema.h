/* The language as a JSON Schema, written from the tables that read it: editors complete and check by it. */
#ifndef SCENARIOS_SCHEMA_H
#define SCENARIOS_SCHEMA_H

/* The schema (draft 7) as indented JSON with a line end, to be freed. */
char *scn_schema_json(void);

#endif
