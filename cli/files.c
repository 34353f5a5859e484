/* Folder walks with fts(3), sorted so that every run has the same order. */
#include "cli/files.h"

#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "cli/command.h"
#include "cli/input.h"

static void add(struct cli_files *files, const char *path)
{
    files->paths = base_grow(files->paths, files->count, &files->capacity, sizeof(char *));
    files->paths[files->count++] = base_strdup(path);
}

static bool is_scenario_name(const char *name)
{
    const char *dot = strrchr(name, '.');
    if (!dot || name[0] == '_' || name[0] == '.')
        return false;
    return strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0 || strcmp(dot, ".json") == 0;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static bool add_folder(struct cli_files *files, const char *path)
{
    char *copy = base_strdup(path);
    char *roots[] = {copy, NULL};
    size_t before = files->count;
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
    for (FTSENT *entry; walk && (entry = fts_read(walk)) != NULL;) {
        if (entry->fts_info == FTS_D && entry->fts_level > 0 &&
            (entry->fts_name[0] == '.' || entry->fts_name[0] == '_'))
            fts_set(walk, entry, FTS_SKIP);
        else if (entry->fts_info == FTS_F && is_scenario_name(entry->fts_name))
            add(files, entry->fts_path);
        else if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR)
            cli_complain("%s: %s", entry->fts_path, strerror(entry->fts_errno));
    }
    if (walk)
        fts_close(walk);
    free(copy);
    if (files->count == before)
        cli_complain("%s: no scenario (.yaml, .yml or .json) in this folder", path);
    return files->count > before;
}

bool cli_files_add(struct cli_files *files, const char *path)
{
    struct stat status;
    if (strcmp(path, CLI_STDIN) == 0) {
        for (size_t i = 0; i < files->count; i++) {
            if (strcmp(files->paths[i], CLI_STDIN) == 0) {
                cli_complain("standard input (-) can be read once");
                return false;
            }
        }
        add(files, path);
        return true;
    }
    if (stat(path, &status) != 0) {
        cli_complain("%s: %s", path, strerror(errno));
        return false;
    }
    if (S_ISDIR(status.st_mode))
        return add_folder(files, path);
    add(files, path);
    return true;
}

void cli_files_fini(struct cli_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        free(files->paths[i]);
    free(files->paths);
    *files = (struct cli_files){0};
}
