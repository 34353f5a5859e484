/*
 * Linked with libpcap's archive (Release): stands in for its module that captures from D-Bus, which would draw in
 * libdbus, libsystemd, libgcrypt and more, for the loader to map at each start. No device is ever listed or
 * opened here (pcap/filter.c and write.c compile filters and write files), so nobody calls these two. What
 * they would say is "none" and "not mine", as the module's own say where there is no D-Bus.
 */
#include <pcap/pcap.h>

struct pcap_if_list;

pcap_t *dbus_create(const char *device, char *error, int *is_ours);
int dbus_findalldevs(struct pcap_if_list *devices, char *error);

pcap_t *dbus_create(const char *device, char *error, int *is_ours)
{
    (void)device;
    (void)error;
    *is_ours = 0;
    return NULL;
}

int dbus_findalldevs(struct pcap_if_list *devices, char *error)
{
    (void)devices;
    (void)error;
    return 0;
}
