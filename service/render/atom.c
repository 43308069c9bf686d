#include "render/atom.h"

#include "base/memory.h"

#include <libxml/tree.h>
#include <libxml/xmlwriter.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct atom {
    xmlBufferPtr buffer;
    xmlTextWriterPtr writer;
};

static const xmlChar *as_xml(const char *text)
{
    return (const xmlChar *)text;
}

/* Whether XML 1.0 excludes the character (§2.2): U+0000–001F except tab, LF and CR, U+FFFE, U+FFFF.
 * Valid UTF-8 has no surrogates. */
static bool is_excluded(const unsigned char *at)
{
    if (at[0] < 0x20) {
        return at[0] != '\t' && at[0] != '\n' && at[0] != '\r';
    }
    return at[0] == 0xef && at[1] == 0xbf && (at[2] == 0xbe || at[2] == 0xbf);
}

/* The text with U+FFFD for excluded characters, from malloc. */
static char *clean(const char *text)
{
    static const char replacement[] = "\xef\xbf\xbd";
    char *copy = memory_allocate(strlen(text) * (sizeof replacement - 1) + 1);
    char *to = copy;
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        if (is_excluded(at)) {
            to = stpcpy(to, replacement);
            at += at[0] < 0x20 ? 0 : 2;
        } else {
            *to++ = (char)*at;
        }
    }
    return copy;
}

static void attribute(struct atom *feed, const char *name, const char *value)
{
    if (value != NULL) {
        char *cleaned = clean(value);
        (void)xmlTextWriterWriteAttribute(feed->writer, as_xml(name), as_xml(cleaned));
        free(cleaned);
    }
}

struct atom *atom_open(const char *language)
{
    struct atom *feed = memory_allocate(sizeof *feed);
    feed->buffer = xmlBufferCreate();
    feed->writer = xmlNewTextWriterMemory(feed->buffer, 0);
    (void)xmlTextWriterStartDocument(feed->writer, NULL, "UTF-8", NULL);
    (void)xmlTextWriterStartElement(feed->writer, as_xml("feed"));
    attribute(feed, "xmlns", "http://www.w3.org/2005/Atom");
    attribute(feed, "xml:lang", language);
    return feed;
}

char *atom_close(struct atom *feed, size_t *length)
{
    (void)xmlTextWriterEndDocument(feed->writer);
    xmlFreeTextWriter(feed->writer);
    *length = (size_t)xmlBufferLength(feed->buffer);
    char *bytes = (char *)xmlBufferDetach(feed->buffer);
    xmlBufferFree(feed->buffer);
    free(feed);
    return bytes;
}

void atom_entry_begin(struct atom *feed)
{
    (void)xmlTextWriterStartElement(feed->writer, as_xml("entry"));
}

void atom_entry_end(struct atom *feed)
{
    (void)xmlTextWriterEndElement(feed->writer);
}

void atom_text(struct atom *feed, const char *element, const char *text)
{
    char *cleaned = clean(text);
    (void)xmlTextWriterWriteElement(feed->writer, as_xml(element), as_xml(cleaned));
    free(cleaned);
}

void atom_author(struct atom *feed, const char *name)
{
    (void)xmlTextWriterStartElement(feed->writer, as_xml("author"));
    atom_text(feed, "name", name);
    (void)xmlTextWriterEndElement(feed->writer);
}

void atom_category(struct atom *feed, const char *term, const char *scheme, const char *label)
{
    (void)xmlTextWriterStartElement(feed->writer, as_xml("category"));
    attribute(feed, "term", term);
    attribute(feed, "scheme", scheme);
    attribute(feed, "label", label);
    (void)xmlTextWriterEndElement(feed->writer);
}

void atom_link(struct atom *feed, const struct atom_link *link)
{
    (void)xmlTextWriterStartElement(feed->writer, as_xml("link"));
    attribute(feed, "rel", link->relation);
    attribute(feed, "type", link->media);
    attribute(feed, "hreflang", link->language);
    attribute(feed, "href", link->address);
    (void)xmlTextWriterEndElement(feed->writer);
}
