/* Files, their bases, and how the trees are merged. */
#include "scenarios/load.h"

#include "base/mem.h"
#include "scenarios/parse.h"
#include "scenarios/read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The files that are being read: each is the base of the one before. */
struct chain {
    const struct chain *above;
    const char *name;
    bool known; /* whether it is a file: then */
    dev_t device;
    ino_t inode;
    size_t depth;
};

/* --- Merging --------------------------------------------------------------------------------- */

static struct scn_node *merge_value(struct base_arena *arena, struct scn_node *base,
                                    struct scn_node *over)
{
    if (base->kind == SCN_MAP && over->kind == SCN_MAP)
        return scn_merge(arena, base, over);
    return over;
}

struct scn_node *scn_merge(struct base_arena *arena, struct scn_node *base, struct scn_node *over)
{
    struct scn_node *merged = scn_node_new(arena, SCN_MAP, over->where);
    merged->entries = base_arena_array(arena, base->count + over->count, sizeof(*merged->entries));
    for (size_t i = 0; i < base->count; i++) {
        const struct scn_entry *from = &base->entries[i];
        const struct scn_entry *with = scn_node_entry(over, from->key);
        if (with && with->value->null)
            continue;
        merged->entries[merged->count] = *from;
        if (with) {
            merged->entries[merged->count].where = with->where;
            merged->entries[merged->count].value = merge_value(arena, from->value, with->value);
        }
        merged->count++;
    }
    for (size_t i = 0; i < over->count; i++)
        if (!scn_node_entry(base, over->entries[i].key))
            merged->entries[merged->count++] = over->entries[i];
    return merged;
}

/* --- Reading a file -------------------------------------------------------------------------- */

static char *read_all(int fd, size_t *size)
{
    char *bytes = base_alloc(SCN_FILE_SIZE_MAX + 1);
    *size = 0;
    while (*size < SCN_FILE_SIZE_MAX + 1) {
        ssize_t got = read(fd, bytes + *size, SCN_FILE_SIZE_MAX + 1 - *size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            free(bytes);
            return NULL;
        }
        if (got == 0)
            break;
        *size += (size_t)got;
    }
    return bytes;
}

/* Opens a file that can be read to its end. A base must be a plain file: reading a pipe could wait for ever. */
static int open_file(const char *path, bool plain, struct stat *status, const char **why)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | (plain ? O_NONBLOCK : 0));
    *why = NULL;
    if (fd < 0) {
        *why = strerror(errno);
        return -1;
    }
    if (fstat(fd, status) != 0)
        *why = strerror(errno);
    else if (S_ISDIR(status->st_mode))
        *why = "it is a folder";
    else if (plain && !S_ISREG(status->st_mode))
        *why = "it is no plain file";
    if (*why) {
        close(fd);
        return -1;
    }
    return fd;
}

/* --- Bases ----------------------------------------------------------------------------------- */

/* The size of the folder's own folder, with its slash; `size` where .. might be another one: behind a symbolic link. */
static size_t folder_above(const char *folder, size_t size)
{
    struct stat status;
    char *path = base_strndup(folder, size - 1);
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    bool plain = *name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
                 lstat(path, &status) == 0 && S_ISDIR(status.st_mode);
    size_t above = plain ? (size_t)(name - path) : size;
    free(path);
    return above;
}

/* "a/b/x.yaml" and "../y.yaml" are "a/y.yaml": every message about it names it. */
static char *folder_relative(const char *file, const char *path)
{
    const char *slash = strrchr(file, '/');
    size_t size = slash ? (size_t)(slash - file) + 1 : 0, above = 0;
    if (path[0] == '/')
        return base_strdup(path);
    while (size && !strncmp(path, "../", 3) && (above = folder_above(file, size)) < size) {
        size = above;
        path += 3;
    }
    return base_printf("%.*s%s", (int)size, file, path);
}

static char *chain_text(const struct chain *chain, const char *last)
{
    char *text = base_strdup(last);
    for (; chain; chain = chain->above) {
        char *longer = base_printf("%s -> %s", chain->name, text);
        free(text);
        text = longer;
    }
    return text;
}

static bool in_chain(const struct chain *chain, const struct stat *status)
{
    for (; chain; chain = chain->above)
        if (chain->known && chain->device == status->st_dev && chain->inode == status->st_ino)
            return true;
    return false;
}

static struct scn_node *load_bytes(const struct scn_loader *loader, const struct chain *chain,
                                   const void *bytes, size_t size);

/* The file at `path`; `where` is the place that names it as its base. */
static struct scn_node *load_path(const struct scn_loader *loader, const struct chain *above,
                                  const char *path, struct base_where where)
{
    struct stat status;
    const char *why;
    size_t size = 0;
    int fd = open_file(path, above != NULL, &status, &why);
    char *bytes = NULL;
    if (fd >= 0 && !in_chain(above, &status)) {
        bytes = read_all(fd, &size);
        if (!bytes)
            why = strerror(errno);
    } else if (fd >= 0) {
        char *text = chain_text(above, path);
        base_diagnostics_add(loader->problems, BASE_ERROR, "cyclic-base", where,
                             "a scenario cannot be its own base", "base goes round: %s", text);
        free(text);
    }
    if (fd >= 0)
        close(fd);
    if (why)
        base_diagnostics_add(loader->problems, BASE_ERROR, above ? "bad-base" : "unreadable", where,
                             above ? "the path is relative to the file that names it" : NULL,
                             "'%s' cannot be read: %s", path, why);
    if (!bytes)
        return NULL;
    struct chain link = {above,         base_arena_strdup(loader->names, path),
                         true,          status.st_dev,
                         status.st_ino, above ? above->depth + 1 : 0};
    struct scn_node *root = load_bytes(loader, &link, bytes, size);
    free(bytes);
    return root;
}

static struct scn_node *load_base(const struct scn_loader *loader, const struct chain *chain,
                                  const struct scn_node *base)
{
    if (base->kind != SCN_SCALAR || !*base->text) {
        base_diagnostics_add(loader->problems, BASE_ERROR, "bad-base", base->where,
                             "base is the path of one scenario file, relative to this one",
                             "base is %s", scn_node_describe(base, loader->tree));
        return NULL;
    }
    if (chain->depth >= SCN_BASES_MAX) {
        base_diagnostics_add(loader->problems, BASE_ERROR, "bad-base", base->where, NULL,
                             "more than %d bases stand upon each other", SCN_BASES_MAX);
        return NULL;
    }
    char *path = folder_relative(chain->name, base->text);
    struct scn_node *root = load_path(loader, chain, path, base->where);
    free(path);
    return root;
}

/* The same map without `base`. */
static struct scn_node *without_base(struct scn_node *root)
{
    size_t kept = 0;
    for (size_t i = 0; i < root->count; i++)
        if (strcmp(root->entries[i].key, "base") != 0)
            root->entries[kept++] = root->entries[i];
    root->count = kept;
    return root;
}

static struct scn_node *load_bytes(const struct scn_loader *loader, const struct chain *chain,
                                   const void *bytes, size_t size)
{
    struct base_where whole = {chain->name, 0, 0};
    struct scn_node *root =
        scn_parse(loader->tree, chain->name, false, bytes, size, loader->problems);
    if (!root)
        return NULL;
    if (root->kind != SCN_MAP) {
        base_diagnostics_add(loader->problems, BASE_ERROR, "not-a-scenario",
                             root->null ? whole : root->where,
                             "a scenario is a map with keys such as vdcs, steps and expect",
                             root->null ? "the file is empty" : "the file holds %s",
                             scn_node_describe(root, loader->tree));
        return NULL;
    }
    const struct scn_node *base = scn_node_get(root, "base");
    struct scn_node *below = base ? load_base(loader, chain, base) : NULL;
    if (base && !below)
        return NULL;
    root = without_base(root);
    return below ? scn_merge(loader->tree, below, root) : root;
}

struct scn_node *scn_load_file(const struct scn_loader *loader, const char *path)
{
    struct base_where whole = {base_arena_strdup(loader->names, path), 0, 0};
    return load_path(loader, NULL, path, whole);
}

struct scn_node *scn_load_text(const struct scn_loader *loader, const char *name, const void *bytes,
                               size_t size)
{
    struct stat status;
    struct chain link = {.name = base_arena_strdup(loader->names, name)};
    if (stat(name, &status) == 0) {
        link.known = true;
        link.device = status.st_dev;
        link.inode = status.st_ino;
    }
    return load_bytes(loader, &link, bytes, size);
}
