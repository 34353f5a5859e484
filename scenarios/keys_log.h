/* The keys that engines agree on, handed to pcap/keys.h as Wireshark wants them. */
#ifndef SCENARIOS_KEYS_LOG_H
#define SCENARIOS_KEYS_LOG_H

struct cap_keys;
struct esp_sad;
struct ike_event;
struct topo_engine;

/* Takes the keys of a new IKE SA, or of a new child SA in the gateway's `sad`, out of its event.
 * NULL: nobody can look into its SAs. */
void scn_keys_log_event(struct cap_keys *keys, const struct esp_sad *sad,
                        const struct ike_event *event);

/* Takes all that an engine tells only when it is asked, at the end. */
void scn_keys_log_engine(struct cap_keys *keys, struct topo_engine *engine);

#endif
