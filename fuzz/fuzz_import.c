/*
 * Answers of the API of any bytes: every problem is reported, and what is written reads again, with
 * no error but keys that are missing.
 */
#include "fuzz/fuzz.h"

#include "import/import.h"
#include "scenarios/read.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void read_back(const char *text, size_t keys_missing)
{
    struct base_diagnostics problems;
    base_diagnostics_init(&problems);
    struct scn_scenario *scenario = scn_read_text("back.yaml", text, strlen(text), NULL, &problems);
    assert(scenario || keys_missing);
    for (size_t i = 0; i < problems.count; i++)
        assert(problems.items[i].severity == BASE_WARNING ||
               !strcmp(problems.items[i].code, "missing-key"));
    scn_scenario_free(scenario);
    base_diagnostics_fini(&problems);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const PSKS[] = {"to-lhr=0123456789abcdef0123456789abcdef"};
    static const char *const RESOLVES[] = {"vpn.example.com=203.0.113.20"};
    const struct import_options options = {PSKS, 1, RESOLVES, 1};
    const struct import_options none = {0};
    const struct import_source source = {"fuzz.json", data, size};
    struct base_diagnostics problems;
    size_t keys_missing;
    for (int with = 0; with < 2; with++) {
        base_diagnostics_init(&problems);
        char *text = import_scenario(&source, 1, with ? &options : &none, &problems, &keys_missing);
        assert((text != NULL) == (problems.error_count == 0));
        if (text)
            read_back(text, keys_missing);
        for (size_t i = 0; i < problems.count; i++) {
            assert(problems.items[i].text);
            free(base_diagnostic_format(&problems.items[i]));
        }
        free(text);
        base_diagnostics_fini(&problems);
    }
    return 0;
}
