/* NAT traversal; see nat.h. */
#include "ipsec/ike/nat.h"

#include "ipsec/ike/engine.h"
#include "ipsec/ike/natd.h"
#include "ipsec/ike/payload.h"

void ike_nat_write(struct ike_sa *sa, struct ike_builder *b, uint64_t spi_i, uint64_t spi_r)
{
    struct crypto_context *crypto = sa->endpoint->crypto;
    const struct ike_path *path = &sa->path;
    uint8_t hash[IKE_NATD_SIZE];
    /* Forced encapsulation: the hash of an address that nobody has makes the peer see a NAT. */
    static const struct net_addr nobody = {.family = NET_ADDR_IP4};
    bool fake = sa->peer->config.force_udp_encapsulation;
    ike_natd_hash(crypto, spi_i, spi_r, fake ? &nobody : &path->local, fake ? 0 : path->local_port,
                  hash);
    ike_write_notify(b, IKE_NOTIFY_NAT_DETECTION_SOURCE_IP, hash, sizeof(hash));
    ike_natd_hash(crypto, spi_i, spi_r, &path->remote, path->remote_port, hash);
    ike_write_notify(b, IKE_NOTIFY_NAT_DETECTION_DESTINATION_IP, hash, sizeof(hash));
}

void ike_nat_read(struct ike_sa *sa, const struct ike_message *message, const struct ike_path *path)
{
    struct crypto_context *crypto = sa->endpoint->crypto;
    enum ike_natd source = ike_natd_check(crypto, message, IKE_NOTIFY_NAT_DETECTION_SOURCE_IP,
                                          &path->remote, path->remote_port);
    enum ike_natd destination = ike_natd_check(
        crypto, message, IKE_NOTIFY_NAT_DETECTION_DESTINATION_IP, &path->local, path->local_port);
    if (source == IKE_NATD_ABSENT || destination == IKE_NATD_ABSENT)
        return;
    struct ike_notify_payload seen;
    if (ike_message_notify(message, IKE_NOTIFY_NAT_DETECTION_DESTINATION_IP, &seen) &&
        seen.size == sizeof(sa->nat.seen))
        memcpy(sa->nat.seen, seen.data, sizeof(sa->nat.seen));
    sa->nat.traversal = true;
    sa->nat.remote = source == IKE_NATD_NAT;
    sa->nat.local = destination == IKE_NATD_NAT;
    sa->nat.encapsulate =
        sa->nat.remote || sa->nat.local || sa->peer->config.force_udp_encapsulation;
}

void ike_nat_float(struct ike_sa *sa)
{
    if (!sa->nat.traversal || sa->path.local_port != IKE_PORT)
        return;
    if (!sa->nat.encapsulate && !sa->peer->config.mobike)
        return;
    sa->path.local_port = IKE_PORT_NATT;
    sa->path.remote_port = IKE_PORT_NATT;
}

void ike_nat_follow(struct ike_sa *sa, const struct ike_path *path)
{
    bool same = net_addr_equal(&sa->path.remote, &path->remote) &&
                sa->path.remote_port == path->remote_port;
    if (ike_sa_is_up(sa) && !same && sa->nat.remote && !sa->nat.local && !sa->mobike &&
        net_addr_equal(&sa->path.local, &path->local))
        ike_sa_move(sa, path);
}
