/* Lines as charon 5.9.8 wrote them. */
#include "tests/test.h"

#include <stdlib.h>

#include "ipsec/ike/wire.h"
#include "strongswan/log.h"

static const struct {
    const char *line;
    const char *name; /* NULL: none */
    uint32_t number;
    enum swan_log_kind kind;
    uint8_t exchange;
    bool response;
    uint32_t message_id;
    uint16_t notifies[4]; /* the first ones */
} cases[] = {
    {"Nov 23 20:08:21.889 14[ENC] <t|1> generating IKE_SA_INIT request 0 [ SA KE No N(NATD_S_IP) "
     "N(NATD_D_IP) N(FRAG_SUP) N(HASH_ALG) N(REDIR_SUP) ]",
     "t",
     1,
     SWAN_LOG_SENT,
     IKE_EXCHANGE_IKE_SA_INIT,
     false,
     0,
     {IKE_NOTIFY_NAT_DETECTION_SOURCE_IP, IKE_NOTIFY_NAT_DETECTION_DESTINATION_IP,
      IKE_NOTIFY_IKEV2_FRAGMENTATION_SUPPORTED, IKE_NOTIFY_SIGNATURE_HASH_ALGORITHMS}},
    {"Nov 23 20:08:21.912 04[ENC] <lhr-tunnel|17> parsed IKE_AUTH response 1 [ N(AUTH_FAILED) ]",
     "lhr-tunnel",
     17,
     SWAN_LOG_RECEIVED,
     IKE_EXCHANGE_IKE_AUTH,
     true,
     1,
     {IKE_NOTIFY_AUTHENTICATION_FAILED}},
    {"Nov 23 20:08:22.311 16[ENC] <3> parsed IKE_SA_INIT request 0 [ N(COOKIE) SA KE No N((4711)) "
     "]",
     NULL,
     3,
     SWAN_LOG_RECEIVED,
     IKE_EXCHANGE_IKE_SA_INIT,
     false,
     0,
     {IKE_NOTIFY_COOKIE, 4711}},
    {"Nov 23 20:08:22.311 16[ENC] <t|1> generating INFORMATIONAL request 5 [ D ]",
     "t",
     1,
     SWAN_LOG_SENT,
     IKE_EXCHANGE_INFORMATIONAL,
     false,
     5,
     {0}},
    {"Nov 23 20:08:22.311 16[ENC] <t|1> generating CREATE_CHILD_SA request 2 [ N(REKEY_SA) SA No "
     "KE TSi TSr ]",
     "t",
     1,
     SWAN_LOG_SENT,
     IKE_EXCHANGE_CREATE_CHILD_SA,
     false,
     2,
     {IKE_NOTIFY_REKEY_SA}},
    {"Nov 23 20:08:22.311 16[ENC] <t|1> generating IKE_AUTH request 1 [ EF(2/3) ]",
     "t",
     1,
     SWAN_LOG_FRAGMENT,
     IKE_EXCHANGE_IKE_AUTH,
     false,
     1,
     {0}},
    {"Nov 23 20:08:26.311 16[IKE] <t|1> retransmit 3 of request with message ID 7",
     "t",
     1,
     SWAN_LOG_RETRANSMIT,
     0,
     false,
     7,
     {0}},
    {"Nov 23 20:07:24.510 00[JOB] spawning 16 worker threads",
     NULL,
     0,
     SWAN_LOG_READY,
     0,
     false,
     0,
     {0}},
    {"Nov 23 20:08:26.311 16[IKE] <t|2> establishing IKE_SA failed, peer not responding",
     "t",
     2,
     SWAN_LOG_GAVE_UP,
     0,
     false,
     0,
     {0}},
    {"Nov 23 20:08:26.311 16[IKE] <t|1> CHILD_SA rekeying failed, trying again in 22 seconds",
     "t",
     1,
     SWAN_LOG_TRY_ENDED,
     0,
     false,
     0,
     {0}},
    {"Nov 23 20:07:24.614 12[CFG] added vici connection: t",
     NULL,
     0,
     SWAN_LOG_OTHER,
     0,
     false,
     0,
     {0}},
};

static void lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct swan_log_line line;
        struct swan_log_message message;
        memset(&line, 0xa5, sizeof(line));
        assert_true(swan_log_split(cases[i].line, &line));
        assert_int_equal(line.number, cases[i].number);
        assert_int_equal(line.name != NULL, cases[i].name != NULL);
        if (cases[i].name) {
            assert_int_equal(line.name_size, strlen(cases[i].name));
            assert_memory_equal(line.name, cases[i].name, line.name_size);
        }
        swan_log_read(line.text, &message);
        assert_int_equal(message.kind, cases[i].kind);
        assert_int_equal(message.exchange, cases[i].exchange);
        assert_int_equal(message.response, cases[i].response);
        assert_int_equal(message.message_id, cases[i].message_id);
        assert_int_equal(message.tries, cases[i].kind == SWAN_LOG_RETRANSMIT ? 3 : 0);
        for (size_t k = 0; k < 4 && cases[i].notifies[k]; k++) {
            assert_true(k < message.notify_count);
            assert_int_equal(message.notifies[k], cases[i].notifies[k]);
        }
    }
}

static void no_lines(void **state)
{
    static const char *const texts[] = {"",         "[",      "1[IKE", "Segmentation fault",
                                        "x[IKE] y", "[IKE] y"};
    struct swan_log_line line;
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_false(swan_log_split(texts[i], &line));
}

/* Each line cut short everywhere says something or nothing, and reads no further than it goes. */
static void cut_short(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (size_t cut = 0; cut < strlen(cases[i].line); cut++) {
            struct swan_log_line line;
            struct swan_log_message message;
            char *copy = strndup(cases[i].line, cut);
            if (swan_log_split(copy, &line))
                swan_log_read(line.text, &message);
            free(copy);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines),
        cmocka_unit_test(no_lines),
        cmocka_unit_test(cut_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
