/*
 * What became of a packet at IPsec processing: one list gives the codes, the words that the journal
 * and the user see, and the counter of Linux (/proc/net/xfrm_stat) that moves for the same reason.
 */
#ifndef ESP_STATUS_H
#define ESP_STATUS_H

/* X(code, word, counter of Linux) */
#define ESP_STATUS_LIST(X)                                                                         \
    X(ESP_OK, "ok", "")                                                                            \
    /* outbound: esp_seal and the out look-up */                                                   \
    X(ESP_OUT_NO_SA, "no-outbound-sa", "XfrmOutNoStates")                                          \
    X(ESP_OUT_BLOCKED, "blocked-by-out-policy", "XfrmOutPolBlock")                                 \
    X(ESP_OUT_SEQUENCE_OVERFLOW, "sequence-overflow", "XfrmOutStateSeqError")                      \
    X(ESP_OUT_EXPIRED, "outbound-sa-expired", "XfrmOutStateExpired")                               \
    X(ESP_OUT_NOT_IP, "not-an-ip-packet", "XfrmOutStateModeError")                                 \
    X(ESP_OUT_TOO_LONG, "too-long-to-encapsulate", "XfrmOutStateModeError")                        \
    /* inbound: esp_seen_read, esp_open and the in and fwd checks */                               \
    X(ESP_IN_MALFORMED, "esp-header-malformed", "XfrmInHdrError")                                  \
    X(ESP_IN_NO_SA, "unknown-spi", "XfrmInNoStates")                                               \
    X(ESP_IN_EXPIRED, "inbound-sa-expired", "XfrmInStateExpired")                                  \
    X(ESP_IN_ENCAP_MISMATCH, "encapsulation-mismatch", "XfrmInStateMismatch")                      \
    X(ESP_IN_REPLAYED, "replayed", "XfrmInStateSeqError")                                          \
    X(ESP_IN_BEHIND_WINDOW, "behind-replay-window", "XfrmInStateSeqError")                         \
    X(ESP_IN_INTEGRITY, "integrity-check-failed", "XfrmInStateProtoError")                         \
    X(ESP_IN_PADDING, "bad-padding", "XfrmInStateProtoError")                                      \
    X(ESP_IN_NEXT_HEADER, "unexpected-next-header", "XfrmInStateModeError")                        \
    X(ESP_IN_INNER_MALFORMED, "inner-packet-malformed", "XfrmInStateModeError")                    \
    X(ESP_IN_DUMMY, "dummy-packet", "")                                                            \
    X(ESP_IN_ECN, "ecn-combination-illegal", "")                                                   \
    X(ESP_IN_NO_POLICY, "no-policy-for-decrypted-packet", "XfrmInNoPols")                          \
    X(ESP_IN_TEMPLATE_MISMATCH, "policy-demands-other-sa", "XfrmInTmplMismatch")                   \
    X(ESP_IN_BLOCKED, "blocked-by-in-policy", "XfrmInPolBlock")

enum esp_status {
#define ESP_STATUS_CODE(code, word, counter) code,
    ESP_STATUS_LIST(ESP_STATUS_CODE)
#undef ESP_STATUS_CODE
    ESP_STATUS_COUNT
};

/* "replayed"; never NULL for a code of the list. */
const char *esp_status_name(enum esp_status status);
/* "XfrmInStateSeqError", or "" where Linux counts nothing. */
const char *esp_status_counter(enum esp_status status);

#endif
