/* The keys that engines agree on, handed to pcap/keys.h as Wireshark wants them. */
#ifndef SCENARIOS_KEYS_LOG_H
#define SCENARIOS_KEYS_LOG_H

struct cap_keys;
struct ike_event;
struct sim_gateway;

/* Takes the keys of a new IKE SA, or of a new child SA of `gateway`, out of its event. */
void scn_keys_log_event(struct cap_keys *keys, struct sim_gateway *gateway,
                        const struct ike_event *event);

#endif
