/* See log.h. */
#include "strongswan/log.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "ipsec/ike/wire.h"

/* charon's words for notifies in its lists of payloads. */
static const struct {
    const char *word;
    uint16_t number;
} words[] = {
    {"CRIT", IKE_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD},
    {"INVAL_IKE_SPI", IKE_NOTIFY_INVALID_IKE_SPI},
    {"INVAL_MAJOR", IKE_NOTIFY_INVALID_MAJOR_VERSION},
    {"INVAL_SYN", IKE_NOTIFY_INVALID_SYNTAX},
    {"INVAL_MID", IKE_NOTIFY_INVALID_MESSAGE_ID},
    {"INVAL_SPI", IKE_NOTIFY_INVALID_SPI},
    {"NO_PROP", IKE_NOTIFY_NO_PROPOSAL_CHOSEN},
    {"INVAL_KE", IKE_NOTIFY_INVALID_KE_PAYLOAD},
    {"AUTH_FAILED", IKE_NOTIFY_AUTHENTICATION_FAILED},
    {"SINGLE_PAIR", IKE_NOTIFY_SINGLE_PAIR_REQUIRED},
    {"NO_ADD_SAS", IKE_NOTIFY_NO_ADDITIONAL_SAS},
    {"INT_ADDR_FAIL", IKE_NOTIFY_INTERNAL_ADDRESS_FAILURE},
    {"FAIL_CP_REQ", IKE_NOTIFY_FAILED_CP_REQUIRED},
    {"TS_UNACCEPT", IKE_NOTIFY_TS_UNACCEPTABLE},
    {"INVAL_SEL", IKE_NOTIFY_INVALID_SELECTORS},
    {"UNACCEPT_ADDR", IKE_NOTIFY_UNACCEPTABLE_ADDRESSES},
    {"UNEXPECT_NAT", IKE_NOTIFY_UNEXPECTED_NAT_DETECTED},
    {"TEMP_FAIL", IKE_NOTIFY_TEMPORARY_FAILURE},
    {"NO_CHILD_SA", IKE_NOTIFY_CHILD_SA_NOT_FOUND},
    {"INIT_CONTACT", IKE_NOTIFY_INITIAL_CONTACT},
    {"SET_WINSIZE", IKE_NOTIFY_SET_WINDOW_SIZE},
    {"ADD_TS_POSS", IKE_NOTIFY_ADDITIONAL_TS_POSSIBLE},
    {"IPCOMP_SUPP", IKE_NOTIFY_IPCOMP_SUPPORTED},
    {"NATD_S_IP", IKE_NOTIFY_NAT_DETECTION_SOURCE_IP},
    {"NATD_D_IP", IKE_NOTIFY_NAT_DETECTION_DESTINATION_IP},
    {"COOKIE", IKE_NOTIFY_COOKIE},
    {"USE_TRANSP", IKE_NOTIFY_USE_TRANSPORT_MODE},
    {"HTTP_CERT_LOOK", IKE_NOTIFY_HTTP_CERT_LOOKUP_SUPPORTED},
    {"REKEY_SA", IKE_NOTIFY_REKEY_SA},
    {"ESP_TFC_PAD_N", IKE_NOTIFY_ESP_TFC_PADDING_NOT_SUPPORTED},
    {"NON_FIRST_FRAG", IKE_NOTIFY_NON_FIRST_FRAGMENTS_ALSO},
    {"MOBIKE_SUP", IKE_NOTIFY_MOBIKE_SUPPORTED},
    {"ADD_4_ADDR", IKE_NOTIFY_ADDITIONAL_IP4_ADDRESS},
    {"ADD_6_ADDR", IKE_NOTIFY_ADDITIONAL_IP6_ADDRESS},
    {"NO_ADD_ADDR", IKE_NOTIFY_NO_ADDITIONAL_ADDRESSES},
    {"UPD_SA_ADDR", IKE_NOTIFY_UPDATE_SA_ADDRESSES},
    {"COOKIE2", IKE_NOTIFY_COOKIE2},
    {"NO_NATS", IKE_NOTIFY_NO_NATS_ALLOWED},
    {"AUTH_LFT", IKE_NOTIFY_AUTH_LIFETIME},
    {"MULT_AUTH", IKE_NOTIFY_MULTIPLE_AUTH_SUPPORTED},
    {"AUTH_FOLLOWS", IKE_NOTIFY_ANOTHER_AUTH_FOLLOWS},
    {"REDIR_SUP", IKE_NOTIFY_REDIRECT_SUPPORTED},
    {"EAP_ONLY", IKE_NOTIFY_EAP_ONLY_AUTHENTICATION},
    {"CHDLESS_SUP", IKE_NOTIFY_CHILDLESS_IKEV2_SUPPORTED},
    {"MSG_ID_SYN_SUP", IKE_NOTIFY_IKEV2_MESSAGE_ID_SYNC_SUPPORTED},
    {"FRAG_SUP", IKE_NOTIFY_IKEV2_FRAGMENTATION_SUPPORTED},
    {"HASH_ALG", IKE_NOTIFY_SIGNATURE_HASH_ALGORITHMS},
};

uint16_t swan_notify_number(const char *word, size_t size)
{
    if (size > 2 && word[0] == '(')
        return (uint16_t)strtoul(word + 1, NULL, 10);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strlen(words[i].word) == size && !memcmp(words[i].word, word, size))
            return words[i].number;
    }
    return 0;
}

/* ---- A line's head: "Nov 23 20:00:01.123 09[ENC] <name|1> text" ---- */

static bool read_sa(const char *from, const char **end, struct swan_log_line *out)
{
    const char *close = strchr(from, '>');
    if (*from != '<' || !close)
        return false;
    const char *bar = memchr(from, '|', (size_t)(close - from));
    out->name = bar ? from + 1 : NULL;
    out->name_size = bar ? (size_t)(bar - from) - 1 : 0;
    out->number = (uint32_t)strtoul(bar ? bar + 1 : from + 1, NULL, 10);
    *end = close + (close[1] == ' ' ? 2 : 1);
    return true;
}

bool swan_log_split(const char *line, struct swan_log_line *out)
{
    const char *open = strchr(line, '[');
    if (!open || open - line < 2 || !isdigit((unsigned char)open[-1]) || strlen(open) < 6 ||
        open[4] != ']' || open[5] != ' ')
        return false;
    *out = (struct swan_log_line){.group = open + 1, .text = open + 6};
    read_sa(out->text, &out->text, out);
    return true;
}

/* ---- Messages: "parsed IKE_AUTH response 1 [ IDr AUTH N(MOBIKE_SUP) ]" ---- */

static bool read_exchange(const char **at, struct swan_log_message *out)
{
    static const struct {
        const char *word;
        uint8_t number;
    } exchanges[] = {
        {"IKE_SA_INIT ", IKE_EXCHANGE_IKE_SA_INIT},
        {"IKE_AUTH ", IKE_EXCHANGE_IKE_AUTH},
        {"CREATE_CHILD_SA ", IKE_EXCHANGE_CREATE_CHILD_SA},
        {"INFORMATIONAL ", IKE_EXCHANGE_INFORMATIONAL},
    };
    for (size_t i = 0; i < sizeof(exchanges) / sizeof(exchanges[0]); i++) {
        size_t size = strlen(exchanges[i].word);
        if (!strncmp(*at, exchanges[i].word, size)) {
            out->exchange = exchanges[i].number;
            *at += size;
            return true;
        }
    }
    return false;
}

static void read_payloads(const char *at, struct swan_log_message *out)
{
    if (!strncmp(at, " [ EF(", 6))
        out->kind = SWAN_LOG_FRAGMENT;
    while ((at = strstr(at, " N("))) {
        const char *word = at + 3;
        size_t size = strcspn(word, ") ");
        if (*word == '(') /* one that charon has no word for: N((16407)) */
            size = strcspn(word, ")") + 1;
        uint16_t number = swan_notify_number(word, size);
        if (number && out->notify_count < IKE_EVENT_NOTIFIES_MAX)
            out->notifies[out->notify_count++] = number;
        out->cookie |= number == IKE_NOTIFY_COOKIE;
        at = word;
    }
}

static void read_message(const char *at, enum swan_log_kind kind, struct swan_log_message *out)
{
    char *end;
    if (!read_exchange(&at, out))
        return;
    out->response = !strncmp(at, "response ", 9);
    if (!out->response && strncmp(at, "request ", 8) != 0)
        return;
    at += out->response ? 9 : 8;
    out->message_id = (uint32_t)strtoul(at, &end, 10);
    if (end == at)
        return;
    out->kind = kind;
    read_payloads(end, out);
}

/* "retransmit 1 of request with message ID 0" */
static void read_retransmit(const char *text, struct swan_log_message *out)
{
    static const char WITH[] = " of request with message ID ";
    const char *at = strstr(text, WITH);
    if (!at)
        return;
    out->kind = SWAN_LOG_RETRANSMIT;
    out->tries = (uint32_t)strtoul(text + strlen("retransmit "), NULL, 10);
    out->message_id = (uint32_t)strtoul(at + strlen(WITH), NULL, 10);
}

static bool begins(const char *text, const char *with)
{
    return !strncmp(text, with, strlen(with));
}

void swan_log_read(const char *text, struct swan_log_message *out)
{
    *out = (struct swan_log_message){.kind = SWAN_LOG_OTHER};
    if (begins(text, "parsed "))
        read_message(text + strlen("parsed "), SWAN_LOG_RECEIVED, out);
    else if (begins(text, "generating "))
        read_message(text + strlen("generating "), SWAN_LOG_SENT, out);
    else if (begins(text, "retransmit ") && isdigit((unsigned char)text[11]))
        read_retransmit(text, out);
    else if (begins(text, "spawning ") && strstr(text, "worker threads"))
        out->kind = SWAN_LOG_READY;
    else if (begins(text, "establishing IKE_SA failed, peer not responding"))
        out->kind = SWAN_LOG_GAVE_UP;
    else if (begins(text, "CHILD_SA rekeying failed") || begins(text, "IKE_SA rekeying failed") ||
             begins(text, "failed to establish CHILD_SA"))
        out->kind = SWAN_LOG_TRY_ENDED;
}
