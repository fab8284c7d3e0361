#!/usr/bin/env python3
"""Validates XLIFF files against the schemas and the Schematron rules of OASIS.

    benches/xliff_schemas.py SCHEMAS FILE…

SCHEMAS is a folder, at any depth of which are the schemas of XLIFF 2.1 (`xliff_core_2.0.xsd` with those of the modules, and the `.sch` files
beside it) and that of XLIFF 1.2 (`xliff-core-1.2-strict.xsd` with `xml.xsd`); FILE is a file or a folder of `.xlf` files. Needs lxml, and
saxonche for the rules. Prints each fault, and how many files were valid; exits with 1 if one is not.
"""
import argparse
import sys
from pathlib import Path

from lxml import etree

V1, V2 = "urn:oasis:names:tc:xliff:document:1.2", "urn:oasis:names:tc:xliff:document:2.0"
MODULES = {"urn:oasis:names:tc:xliff:matches:2.0": "matches.xsd", "urn:oasis:names:tc:xliff:glossary:2.0": "glossary.xsd"}
SCH = "{http://purl.oclc.org/dsdl/schematron}"
RULES = ["xliff_core_2.1.sch", "matches.sch", "glossary.sch"]


class Local(etree.Resolver):
    """Finds what a schema imports by its name in a folder, and nothing over the network."""

    def __init__(self, folder):
        self.files = {path.name: path for path in folder.rglob("*.xsd")}

    def resolve(self, url, _, context):
        path = self.files.get(url.rsplit("/", 1)[-1])
        return self.resolve_filename(str(path), context) if path else None


def schema(folder, imports):
    """A schema that imports others, by their namespaces."""
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(Local(folder))
    lines = [f'<xs:import namespace="{namespace}" schemaLocation="{path}"/>' for namespace, path in imports.items()]
    text = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">' + "".join(lines) + "</xs:schema>"
    return etree.XMLSchema(etree.fromstring(text, parser))


def found(folder, name):
    """The first file with a name; ends the program if there is none."""
    for path in sorted(folder.rglob(name)):
        return path
    sys.exit(f"{folder} has no {name}")


def stylesheet(rules):
    """A Schematron schema (ISO/IEC 19757-3) as an XSLT 2.0 stylesheet: of each pattern the first rule fits whose context does."""
    xsl = "http://www.w3.org/1999/XSL/Transform"
    sheet = etree.Element(f"{{{xsl}}}stylesheet", nsmap={"xsl": xsl, **{ns.get("prefix"): ns.get("uri") for ns in rules.iter(SCH + "ns")}})
    sheet.set("version", "2.0")

    def add(parent, tag, /, **attributes):
        return etree.SubElement(parent, f"{{{xsl}}}{tag}", **attributes)

    def add_variables(parent, element):
        for variable in element.findall(SCH + "let"):
            add(parent, "variable", name=variable.get("name"), select=variable.get("value"))

    add(sheet, "output", method="text")
    add_variables(sheet, rules)
    root = add(sheet, "template", match="/", priority="9999")
    for number, pattern in enumerate(rules.iter(SCH + "pattern")):
        mode = f"pattern{number}"
        add(root, "apply-templates", select="/node()", mode=mode)
        add(add(sheet, "template", match="node()|@*", mode=mode, priority="-1"), "apply-templates", select="@*|node()", mode=mode)
        for priority, rule in enumerate(reversed(pattern.findall(SCH + "rule"))):
            template = add(sheet, "template", match=rule.get("context"), mode=mode, priority=str(priority + 1))
            add_variables(template, pattern)
            add_variables(template, rule)
            for check in rule.iterchildren(SCH + "assert", SCH + "report"):
                test = check.get("test")
                fault = add(template, "if", test=f"not({test})" if check.tag == SCH + "assert" else test)
                add(fault, "text").text = " ".join((check.text or "").split()) + " "
                for inside in check:
                    if inside.tag in (SCH + "value-of", SCH + "name"):
                        add(fault, "value-of", select=inside.get("select") or inside.get("path") or "name()")
                    add(fault, "text").text = " ".join((inside.tail or "").split()) + " "
                add(fault, "text").text = "\n"
            add(template, "apply-templates", select="@*|node()", mode=mode)
    return etree.tostring(sheet, encoding="unicode")


def schematron(folder):
    """A function from a file to the rules that it breaks; `None` if no processor of XSLT 2.0 is installed."""
    try:
        from saxonche import PySaxonProcessor
    except ImportError:
        print("the Schematron rules are not tried: saxonche is not installed", file=sys.stderr)
        return None
    saxon = PySaxonProcessor(license=False)
    sheets = []
    for name in RULES:
        rules = etree.parse(str(found(folder, name)), etree.XMLParser(load_dtd=True, resolve_entities=True, remove_comments=True))
        sheets.append(saxon.new_xslt30_processor().compile_stylesheet(stylesheet_text=stylesheet(rules.getroot())))

    def faults(path):
        for sheet in sheets:
            printed = sheet.transform_to_string(source_file=str(path)) or ""
            yield from (line.strip() for line in printed.splitlines() if line.strip())

    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("schemas", type=Path)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--only-schemas", action="store_true", help="without the Schematron rules, which take longer")
    arguments = parser.parse_args()
    folder = arguments.schemas
    modules = {namespace: str(found(folder, name)) for namespace, name in MODULES.items()}
    schemas = {
        V1: schema(folder, {V1: str(found(folder, "xliff-core-1.2-strict.xsd"))}),
        V2: schema(folder, {V2: str(found(folder, "xliff_core_2.0.xsd")), **modules}),
    }
    rules = None if arguments.only_schemas else schematron(folder)
    count = faults = 0
    for path in arguments.files:
        for file in sorted(path.rglob("*.xlf")) if path.is_dir() else [path]:
            count += 1
            document = etree.parse(str(file), etree.XMLParser(huge_tree=True))
            namespace = etree.QName(document.getroot()).namespace
            one = schemas[namespace]
            one.validate(document)
            reasons = [f"{error.line}: {error.message}" for error in one.error_log]
            if rules and namespace == V2:
                reasons += rules(file)
            faults += bool(reasons)
            for reason in reasons[:10]:
                print(f"{file}:{reason}")
    print(f"{count - faults} of {count} files are valid" + (", also by the Schematron rules" if rules else ""))
    sys.exit(1 if faults or not count else 0)


if __name__ == "__main__":
    main()
