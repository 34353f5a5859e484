/* What charon says: a packet of vici (first byte even), or lines of its log (odd), which go to the
 * readers of messages and of keys. */
#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "strongswan/keys.h"
#include "strongswan/log.h"
#include "strongswan/sas.h"
#include "strongswan/vici_message.h"

/* Whatever the packet holds is read as an IKE SA with children. */
static void read_packet(const uint8_t *data, size_t size)
{
    struct swan_tree tree;
    struct swan_ike ike;
    struct swan_child child;
    enum swan_packet type;
    const char *name;
    swan_tree_init(&tree);
    if (swan_packet_read(data, size, &type, &name, &tree)) {
        swan_ike_read(&tree.root, &ike);
        for (const struct swan_element *e = tree.root.first; e; e = e->next)
            swan_child_read(e, &ike, &child);
        free(swan_tree_write(&tree));
    }
    swan_tree_fini(&tree);
}

static void read_log(char *text)
{
    struct swan_keys *keys = swan_keys_new();
    struct swan_log_line line;
    struct swan_log_message message;
    struct topo_engine_keys key;
    for (char *at = strtok(text, "\n"); at; at = strtok(NULL, "\n")) {
        if (swan_log_split(at, &line))
            swan_log_read(line.text, &message);
        swan_keys_line(keys, at);
    }
    fuzz_ignore(swan_keys_at(keys, 0, &key));
    swan_keys_free(keys);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    if (data[0] % 2 == 0) {
        read_packet(data + 1, size - 1);
        return 0;
    }
    char *text = base_strndup((const char *)data + 1, size - 1);
    read_log(text);
    free(text);
    return 0;
}
