/* What the capture tests share: a folder of their own, frames, and the words of tshark and capinfos. */
#ifndef TESTS_PCAP_TOOL_H
#define TESTS_PCAP_TOOL_H

#include <stdlib.h>
#include <unistd.h>

#include "tests/test.h"

#include "base/mem.h"
#include "pcap/capture.h"
#include "pcap/write.h"

enum {
    TOOL_TEXT_MAX = 1 << 20
};

/* 2026-01-01T00:00:00Z */
#define TOOL_START_NS ((int64_t)1767225600 * 1000000000)

/* A new folder below TMPDIR; tool_folder_remove frees the name. */
static inline char *tool_folder_new(void)
{
    const char *base = getenv("TMPDIR");
    char *folder = base_printf("%s/tunnelbed-test-XXXXXX", base ? base : "/tmp");
    assert_non_null(mkdtemp(folder));
    return folder;
}

static inline void tool_folder_remove(char *folder)
{
    char *command = base_printf("rm -rf '%s'", folder);
    assert_int_equal(system(command), 0);
    free(command);
    free(folder);
}

/* Runs a command of the shell; its standard output as a text (freed by the caller), its exit status. */
static inline char *tool_run(const char *command, int *status)
{
    char *text = base_alloc(TOOL_TEXT_MAX);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    size_t size = fread(text, 1, TOOL_TEXT_MAX - 1, pipe);
    text[size] = '\0';
    *status = pclose(pipe);
    return text;
}

static inline void tool_add(struct cap_point *point, base_ns at, uint64_t packet,
                            enum sim_direction direction, const void *bytes, size_t size,
                            const char *comment)
{
    cap_point_add(point, &(struct sim_tap_frame){.at = at,
                                                 .bytes = bytes,
                                                 .size = size,
                                                 .packet = packet,
                                                 .direction = direction,
                                                 .comment = comment});
}

#endif
