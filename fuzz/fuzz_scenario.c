/*
 * A scenario file of any bytes: every problem is reported, nothing is read from elsewhere but a
 * `base`.
 */
#include "fuzz/fuzz.h"

#include "scenarios/read.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct base_diagnostics problems;
    base_diagnostics_init(&problems);
    struct scn_scenario *scenario = scn_read_text("fuzz.yaml", data, size, NULL, &problems);
    assert(scenario || problems.error_count > 0);
    for (size_t i = 0; i < problems.count; i++)
        free(base_diagnostic_format(&problems.items[i]));
    scn_scenario_free(scenario);
    base_diagnostics_fini(&problems);
    return 0;
}
