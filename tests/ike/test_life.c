/*
 * Wireshark as the judge of whole conversations: IKE_SA_INIT, IKE_AUTH, a child rekey with PFS, an IKE rekey and
 * a delete, for every pair of algorithms of IKE, on ports 500 and 4500. tshark must decrypt each message with the keys
 * of the events, and find nothing malformed.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/bytes.h"
#include "ipsec/crypto/algorithm.h"
#include "tests/ike/lab.h"
#include "tests/test.h"

enum {
    LINKTYPE_IPV4 = 228,
    LINE_SIZE = 4096,
    LIVES_MAX = 64,
};

/*
 * What one life looks like to tshark: exchange, then the payloads (SK is 46, a proposal 2, a transform 3) in the order
 * found. I stands for the transforms of an IKE proposal: with an AEAD there is no integrity among them.
 */
static const char *const expected[] = {
    "34|33,2,I,34,40,41,41,41", /* SA KE No N N N */
    "34|33,2,I,34,40,41,41,41",
    "35|46,35,41,36,39,33,2,3,3,3,44,45,41", /* IDi N IDr AUTH SA TSi TSr N */
    "35|46,36,39,33,2,3,3,3,44,45,41",
    "36|46,41,33,2,3,3,3,3,40,34,44,45", /* N(REKEY_SA) SA No KE TSi TSr */
    "36|46,33,2,3,3,3,3,40,34,44,45",
    "37|46,42", /* D */
    "37|46,42",
    "36|46,33,2,I,40,34", /* SA No KE */
    "36|46,33,2,I,40,34",
    "37|46,42", /* of the old IKE SA */
    "37|46",
    "37|46,42", /* of the new one */
    "37|46",
};

struct judge {
    char folder[64];
    FILE *capture, *table;
    unsigned frames;
    bool aead[LIVES_MAX]; /* of each life */
    unsigned lives;
};

static FILE *open_in(const struct judge *j, const char *name)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", j->folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    return file;
}

static void on_send(void *context, base_ns at, const struct ike_path *path, bool marker,
                    const uint8_t *bytes, size_t size)
{
    struct judge *j = context;
    uint8_t headers[16 + 20 + 8 + 4];
    struct base_writer w = base_writer_of(headers, sizeof(headers));
    uint32_t udp = (uint32_t)(8 + size + (marker ? 4 : 0));
    base_write_u32(&w, j->frames++);
    base_write_u32(&w, (uint32_t)(at % BASE_S / 1000));
    base_write_u32(&w, udp + 20);
    base_write_u32(&w, udp + 20);
    base_write_u16(&w, 0x4500);
    base_write_u16(&w, (uint16_t)(udp + 20));
    base_write_u32(&w, j->frames << 16);
    base_write_u32(&w, 0x40110000);
    base_write_bytes(&w, path->local.bytes, 4);
    base_write_bytes(&w, path->remote.bytes, 4);
    base_write_u16(&w, path->local_port);
    base_write_u16(&w, path->remote_port);
    base_write_u16(&w, (uint16_t)udp);
    base_write_u16(&w, 0);
    if (marker)
        base_write_u32(&w, 0);
    assert_int_equal(fwrite(headers, w.size, 1, j->capture), 1);
    assert_int_equal(fwrite(bytes, size, 1, j->capture), 1);
}

static void put(FILE *file, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        fprintf(file, "%02x", bytes[i]);
    fputc(',', file);
}

static void on_keys(void *context, const struct ike_keys_info *k)
{
    struct judge *j = context;
    size_t integ = k->integ && k->integ->wireshark_checks ? k->sk_a_size : 0;
    fprintf(j->table, "%016llx,%016llx,", (unsigned long long)k->spi_i,
            (unsigned long long)k->spi_r);
    put(j->table, k->sk_ei, k->sk_e_size);
    put(j->table, k->sk_er, k->sk_e_size);
    fprintf(j->table, "\"%s\",", k->encr->wireshark_ike);
    put(j->table, k->sk_ai, integ);
    put(j->table, k->sk_ar, integ);
    fprintf(j->table, "\"%s\"\n", k->integ ? k->integ->wireshark_ike : "NONE [RFC4306]");
}

static void live(struct judge *j, const struct crypto_encr *encr, const struct crypto_integ *integ)
{
    struct lab_setup setup;
    lab_defaults(&setup);
    setup.seed = j->frames + 1;
    for (int i = 0; i < 2; i++) {
        setup.peer[i].ike.encr = encr;
        setup.peer[i].ike.integ = integ;
    }
    j->aead[j->lives++] = encr->aead;
    struct lab *lab = lab_new(&setup);
    lab->record = on_send;
    lab->keys = on_keys;
    lab->record_context = j;
    lab_up(lab, LAB_A);
    lab_rekey_child(lab, LAB_A);
    lab_settle(lab);
    lab_rekey_ike(lab, LAB_A);
    lab_settle(lab);
    lab_terminate(lab, LAB_A, false);
    lab_settle(lab);
    lab_free(lab);
}

static FILE *ask(struct judge *j)
{
    char command[512];
    assert_int_equal(fclose(j->capture), 0);
    assert_int_equal(fclose(j->table), 0);
    snprintf(command, sizeof(command),
             "WIRESHARK_CONFIG_DIR=%s tshark -n -r %s/capture.pcap -T fields -E separator=\\| "
             "-E occurrence=a -e isakmp.exchangetype -e isakmp.typepayload -e _ws.expert.message "
             "2>%s/stderr",
             j->folder, j->folder, j->folder);
    FILE *answer = popen(command, "r");
    assert_non_null(answer);
    return answer;
}

static void clear(const struct judge *j)
{
    static const char *const names[] = {"capture.pcap", "ikev2_decryption_table", "stderr"};
    char path[128];
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "%s/%s", j->folder, names[i]);
        unlink(path);
    }
    rmdir(j->folder);
}

static void expected_of(unsigned message, bool aead, char out[LINE_SIZE])
{
    const char *pattern = expected[message], *transforms = strchr(pattern, 'I');
    if (transforms)
        snprintf(out, LINE_SIZE, "%.*s%s%s", (int)(transforms - pattern), pattern,
                 aead ? "3,3,3" : "3,3,3,3", transforms + 1);
    else
        snprintf(out, LINE_SIZE, "%s", pattern);
}

static void whole_lives(void **state)
{
    (void)state;
    static const uint8_t header[24] = {0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 4, 0, 0, 0, 0,
                                       0,    0,    0,    0,    0, 1, 0, 0, 0, 0, 0, LINKTYPE_IPV4};
    struct judge j = {.folder = "/tmp/tunnelbed-life-XXXXXX"};
    char line[LINE_SIZE], wanted[LINE_SIZE];
    assert_non_null(mkdtemp(j.folder));
    j.capture = open_in(&j, "capture.pcap");
    j.table = open_in(&j, "ikev2_decryption_table");
    assert_int_equal(fwrite(header, sizeof(header), 1, j.capture), 1);
    const struct crypto_encr *encr;
    const struct crypto_integ *integ;
    for (size_t e = 0; (encr = crypto_encr_at(e)); e++)
        for (size_t i = 0; (integ = crypto_integ_at(i)); i++)
            live(&j, encr, integ);
    size_t messages = sizeof(expected) / sizeof(expected[0]);
    assert_int_equal(j.frames % messages, 0);
    assert_int_equal(j.frames / messages, 40);
    FILE *answer = ask(&j);
    for (unsigned frame = 0; frame < j.frames; frame++) {
        assert_non_null(fgets(line, sizeof(line), answer));
        size_t length = strlen(line);
        assert_true(length > 1 && line[length - 2] == '|'); /* no expert has anything to say */
        line[length - 2] = '\0';
        if (getenv("TUNNELBED_SHOW_TSHARK"))
            print_message("%s\n", line);
        expected_of((unsigned)(frame % messages), j.aead[frame / messages], wanted);
        if (strcmp(line, wanted) != 0)
            fail_msg("frame %u: tshark says %s, expected %s", frame + 1, line, wanted);
    }
    assert_int_equal(pclose(answer), 0);
    clear(&j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(whole_lives)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
