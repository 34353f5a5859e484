/* Temporary names end in ".part"; what is left of them when the holder is freed is removed. */
#include "pcap/output.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum {
    STREAM_BUFFER_SIZE = 1 << 18
};

struct file {
    char *name;      /* the final path */
    char *temporary; /* the path while it is written */
    bool committed;
};

struct cap_output {
    char *folder;
    struct file *files;
    size_t count;
    size_t capacity;
    FILE *open; /* of the last file, or NULL */
    char *buffer;
};

void cap_error_set(struct cap_error *error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(error->text, sizeof(error->text), format, args);
    va_end(args);
}

struct cap_output *cap_output_new(const char *folder)
{
    struct cap_output *output = base_alloc(sizeof(*output));
    output->folder = base_strdup(folder);
    output->buffer = base_alloc(STREAM_BUFFER_SIZE);
    return output;
}

void cap_output_free(struct cap_output *output)
{
    if (!output)
        return;
    if (output->open)
        fclose(output->open);
    for (size_t i = 0; i < output->count; i++) {
        struct file *file = &output->files[i];
        if (!file->committed)
            unlink(file->temporary);
        free(file->name);
        free(file->temporary);
    }
    free(output->files);
    free(output->folder);
    free(output->buffer);
    free(output);
}

FILE *cap_output_open(struct cap_output *output, const char *name, struct cap_error *error)
{
    assert(!output->open);
    char *path = base_printf("%s/%s", output->folder, name);
    char *temporary = base_printf("%s.part", path);
    FILE *stream = fopen(temporary, "wbe");
    if (!stream) {
        cap_error_set(error, "cannot write %s: %s", path, strerror(errno));
        free(path);
        free(temporary);
        return NULL;
    }
    setvbuf(stream, output->buffer, _IOFBF, STREAM_BUFFER_SIZE);
    output->files =
        base_grow(output->files, output->count, &output->capacity, sizeof(*output->files));
    output->files[output->count++] = (struct file){.name = path, .temporary = temporary};
    output->open = stream;
    return stream;
}

bool cap_output_close(struct cap_output *output, struct cap_error *error)
{
    assert(output->open);
    const struct file *file = &output->files[output->count - 1];
    errno = 0;
    bool failed = fflush(output->open) != 0;
    int reason = errno;
    failed |= ferror(output->open) != 0; /* a write before this one, whose reason is gone */
    if (fclose(output->open) != 0 && !failed) {
        failed = true;
        reason = errno;
    }
    output->open = NULL;
    if (failed)
        cap_error_set(error, "cannot write %s: %s", file->name,
                      reason ? strerror(reason) : "writing failed");
    return !failed;
}

bool cap_output_commit(struct cap_output *output, struct cap_error *error)
{
    assert(!output->open);
    for (size_t i = 0; i < output->count; i++) {
        struct file *file = &output->files[i];
        if (file->committed)
            continue;
        if (rename(file->temporary, file->name) != 0) {
            cap_error_set(error, "cannot write %s: %s", file->name, strerror(errno));
            return false;
        }
        file->committed = true;
    }
    return true;
}

static bool folder_make_one(const char *folder)
{
    struct stat found;
    if (mkdir(folder, 0777) == 0)
        return true;
    if (errno != EEXIST)
        return false;
    if (stat(folder, &found) == 0 && S_ISDIR(found.st_mode))
        return true;
    errno = ENOTDIR;
    return false;
}

bool cap_folder_make(const char *folder, struct cap_error *error)
{
    char *path = base_strdup(folder);
    bool made = true;
    for (char *slash = strchr(path + (*path == '/'), '/'); slash && made;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        made = folder_make_one(path);
        if (made)
            *slash = '/';
    }
    if (made)
        made = folder_make_one(path);
    if (!made)
        cap_error_set(error, "cannot make the folder %s: %s", path, strerror(errno));
    free(path);
    return made;
}
