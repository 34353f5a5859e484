/* Names of VDCs: short, readable, unique: they are the first half of every node's name. */
#include "import/internal.h"

#include <ctype.h>
#include <string.h>

#define SLUG_MAX 40

/* The API's host names its location: "https://vpn.de-txl.ionos.com/..." is de/txl. NULL where it does not. */
static const char *location_of(struct import *import, const char *href)
{
    const char *at = href ? strstr(href, "://vpn.") : NULL;
    if (!at)
        return NULL;
    at += strlen("://vpn.");
    size_t size = strcspn(at, "./:");
    if (size < 4 || size > 16 || at[2] != '-' || at[size] != '.')
        return NULL;
    for (size_t i = 0; i < size; i++)
        if (i != 2 && !islower((unsigned char)at[i]) && !isdigit((unsigned char)at[i]) &&
            at[i] != '-')
            return NULL;
    return base_arena_printf(&import->arena, "%.2s/%.*s", at, (int)size - 3, at + 3);
}

/* "VPN to London (prod)" is "vpn-to-london-prod". */
static const char *slug_of(struct import *import, const char *name)
{
    char text[SLUG_MAX + 1];
    size_t size = 0;
    for (; *name && size < SLUG_MAX; name++) {
        if (isalnum((unsigned char)*name))
            text[size++] = (char)tolower((unsigned char)*name);
        else if (size && text[size - 1] != '-')
            text[size++] = '-';
    }
    while (size && text[size - 1] == '-')
        size--;
    text[size] = '\0';
    /* The language's own name, and what YAML takes for nothing. */
    if (!size || !strcmp(text, "internet") || !strcmp(text, "null"))
        return "gateway";
    return base_arena_strdup(&import->arena, text);
}

static bool taken(const struct import *import, const char *name)
{
    for (size_t i = 0; i < import->gateway_count; i++) {
        const char *other = import->gateways[i].model->name;
        if (other && !strcmp(other, name))
            return true;
    }
    return false;
}

static const char *short_location(const struct import_gateway *gateway)
{
    const char *slash = gateway->location ? strchr(gateway->location, '/') : NULL;
    return slash && slash[1] != '-' ? slash + 1 : NULL;
}

/* Its location where it is the only gateway there, else its own name. */
static const char *wish(struct import *import, size_t index)
{
    const char *location = short_location(&import->gateways[index]);
    for (size_t i = 0; location && i < import->gateway_count; i++) {
        const char *other = short_location(&import->gateways[i]);
        if (i != index && other && !strcmp(other, location))
            location = NULL;
    }
    const char *name = import->gateways[index].model->gateway.name;
    return location ? location : slug_of(import, name ? name : "");
}

void import_name_vdcs(struct import *import)
{
    for (size_t i = 0; i < import->gateway_count; i++)
        import->gateways[i].location = location_of(import, import->gateways[i].answer.href);
    for (size_t i = 0; i < import->gateway_count; i++) {
        struct topo_vdc *vdc = import->gateways[i].model;
        const char *name = wish(import, i), *first = name;
        for (unsigned n = 2; taken(import, name); n++)
            name = base_arena_printf(&import->arena, "%s-%u", first, n);
        vdc->name = name;
        vdc->where = import->gateways[i].answer.where;
        vdc->location = import->gateways[i].location;
        vdc->gateway.node = base_arena_printf(&import->arena, "%s-gw", name);
    }
}
