/* Names of folders, and the file that says a run is complete. */
#include "cli/folders.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/command.h"
#include "pcap/output.h"
#include "report/json.h"

static bool is_shared(struct scn_scenario *const *scenarios, size_t count, size_t index)
{
    for (size_t i = 0; i < count; i++) {
        if (i != index && strcmp(scenarios[i]->name, scenarios[index]->name) == 0)
            return true;
    }
    return false;
}

/* "catalog/lifetimes/a-day.yaml" becomes "catalog-lifetimes-a-day"; unique, as paths are. */
static char *name_from_path(const struct scn_scenario *scenario)
{
    const char *file = scenario->file;
    while (*file == '/' || *file == '.')
        file++;
    const char *dot = strrchr(file, '.');
    char *name = base_strndup(file, dot ? (size_t)(dot - file) : strlen(file));
    for (char *c = name; *c; c++) {
        if (*c == '/')
            *c = '-';
    }
    return name;
}

static void forget(const char *folder, const char *name)
{
    char *path = base_printf("%s/%s", folder, name);
    unlink(path);
    free(path);
}

/*
 * What an earlier run left in the folder, as its result.json lists it: captures of points that are no more would
 * look like this run's. Nothing else is touched.
 */
static void forget_earlier_run(const char *folder, const char *result)
{
    static const char *const ALWAYS[] = {"capture.pcapng", "wireshark/esp_sa",
                                         "wireshark/ikev2_decryption_table",
                                         "wireshark/preferences"};
    json_t *old = json_load_file(result, 0, NULL);
    json_t *captures = json_object_get(old, "captures");
    size_t i;
    json_t *capture;
    if (!captures) {
        json_decref(old);
        return;
    }
    json_array_foreach(captures, i, capture)
    {
        const char *file = json_string_value(json_object_get(capture, "file"));
        if (file && !strchr(file, '/'))
            forget(folder, file);
    }
    for (i = 0; i < sizeof(ALWAYS) / sizeof(ALWAYS[0]); i++)
        forget(folder, ALWAYS[i]);
    json_decref(old);
}

char *cli_folder_make(const char *out, struct scn_scenario *const *scenarios, size_t count,
                      size_t index)
{
    const struct scn_scenario *scenario = scenarios[index];
    char *name =
        is_shared(scenarios, count, index) ? name_from_path(scenario) : base_strdup(scenario->name);
    char *folder = base_printf("%s/%s", out, name);
    char *result = base_printf("%s/result.json", folder);
    struct cap_error error;
    free(name);
    bool made = cap_folder_make(folder, &error);
    if (made && access(folder, W_OK | X_OK) != 0) {
        cap_error_set(&error, "%s: %s", folder, strerror(errno));
        made = false;
    }
    if (made)
        forget_earlier_run(folder, result);
    if (made && unlink(result) != 0 && errno != ENOENT) {
        cap_error_set(&error, "%s: %s", result, strerror(errno));
        made = false;
    }
    free(result);
    if (made)
        return folder;
    cli_complain("%s", error.text);
    free(folder);
    return NULL;
}

bool cli_folder_write_result(const struct scn_result *result)
{
    struct cap_error error;
    struct cap_output *output = cap_output_new(result->folder);
    FILE *file = cap_output_open(output, "result.json", &error);
    bool written = file && report_json_write(result, REPORT_JSON_INDENTED, file);
    if (file)
        written = cap_output_close(output, &error) && written;
    written = written && cap_output_commit(output, &error);
    cap_output_free(output);
    if (!written)
        cli_complain("%s", error.text);
    return written;
}
