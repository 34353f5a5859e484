/* Text inside of XML: for JUnit files and pictures. */
#ifndef REPORT_XML_H
#define REPORT_XML_H

#include <stdio.h>

/* Writes `text` (NULL: nothing) as character data or as an attribute's value; control characters become blanks. */
void report_xml_text(FILE *out, const char *text);

#endif
