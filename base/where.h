/* A place in a scenario file, for messages: file:line:column. Line 0 means no place is known. */
#ifndef BASE_WHERE_H
#define BASE_WHERE_H

struct base_where {
    const char *file; /* borrowed from the scenario that was read */
    int line;         /* from 1 */
    int column;       /* from 1 */
};

#endif
