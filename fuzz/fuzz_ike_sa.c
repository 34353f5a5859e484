/*
 * The body of an SA payload: as an offer to a responder, whose choice has to stand the initiator's
 * check, and as an answer to each of our own offers. The first octet chooses our policy.
 */
#include "fuzz/fuzz.h"

#include "ipsec/ike/proposal.h"

#include <assert.h>

static struct ike_proposal_policy policy_of(uint8_t choice)
{
    uint8_t protocol = choice & 1 ? IKE_PROTOCOL_ESP : IKE_PROTOCOL_IKE;
    return (struct ike_proposal_policy){
        .protocol = protocol,
        .negotiation = choice & 2 ? IKE_NEGOTIATION_STRICT : IKE_NEGOTIATION_MOST_SECURE,
        .configured = ike_suite_of(protocol, crypto_encr_at(choice >> 4 & 7),
                                   crypto_integ_at(choice >> 5 & 3),
                                   crypto_group_at(choice >> 4 & 7), (choice & 4) != 0),
        .with_group = protocol == IKE_PROTOCOL_IKE || (choice & 8)};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t SPI[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    struct ike_proposals theirs;
    struct ike_proposals ours;
    struct ike_choice choice;
    struct ike_choice accepted;
    if (size < 1 || size > UINT16_MAX)
        return 0;
    struct ike_proposal_policy policy = policy_of(data[0]);
    struct ike_payload payload = {
        .type = IKE_PAYLOAD_SA, .size = (uint16_t)(size - 1), .body = data + 1};
    if (ike_proposals_read(&theirs, &payload) != IKE_WIRE_OK)
        return 0;
    for (size_t spi_size = 0; spi_size <= 8; spi_size += 4) {
        char text[IKE_SUITE_TEXT_MAX];
        ike_proposal_offer(&policy, SPI, spi_size, &ours);
        if (ike_proposal_accept(&ours, &theirs, &accepted) == IKE_WIRE_OK)
            (void)ike_suite_format(policy.protocol, &accepted.suite, text);
        if (ike_proposal_choose(&policy, &theirs, spi_size, &choice) != IKE_WIRE_OK)
            continue;
        ike_proposal_answer(&choice, SPI, spi_size, &ours);
        enum ike_wire_status status = ike_proposal_accept(&theirs, &ours, &accepted);
        assert(status == IKE_WIRE_OK && ike_suite_equal(&choice.suite, &accepted.suite));
        (void)ike_suite_format(policy.protocol, &choice.suite, text);
    }
    return 0;
}
