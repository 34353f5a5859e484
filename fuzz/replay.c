/*
 * Replays corpora without libFuzzer: every file of the folders (or the files) named on the command
 * line is given to the target once. Succeeds when none of them crashes it; a folder without any
 * file is an error.
 */
#include "fuzz/fuzz.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_SIZE_MAX (1024 * 1024)

static unsigned replayed;

static bool replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return false;
    }
    uint8_t *bytes = malloc(FILE_SIZE_MAX);
    size_t size = fread(bytes, 1, FILE_SIZE_MAX, file);
    bool good = !ferror(file);
    fclose(file);
    /* a block of exactly the size, so that AddressSanitizer sees one octet read too far */
    uint8_t *exact = malloc(size ? size : 1);
    memcpy(exact, bytes, size);
    free(bytes);
    if (good)
        LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    replayed += good;
    return good;
}

static bool replay_folder(const char *path)
{
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, NULL, alphasort);
    bool good = count >= 0;
    if (!good)
        perror(path);
    for (int i = 0; i < count; i++) {
        char name[4096];
        int length = snprintf(name, sizeof(name), "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.')
            good = length < (int)sizeof(name) && replay_file(name) && good;
        free(entries[i]);
    }
    free(entries);
    return good;
}

int main(int argc, char **argv)
{
    bool good = true;
    for (int i = 1; i < argc; i++) {
        struct stat status;
        bool folder = !stat(argv[i], &status) && S_ISDIR(status.st_mode);
        good = (folder ? replay_folder(argv[i]) : replay_file(argv[i])) && good;
    }
    printf("%u inputs replayed\n", replayed);
    return good && replayed ? EXIT_SUCCESS : EXIT_FAILURE;
}
