#!/usr/bin/env python3
"""Derive a `terraform providers schema -json`-shaped document for chosen resources from a @cdktf/provider-X npm tarball.
usage: cdktf2schema.py TGZ PROVIDER(aws) out.json res1 data-res2 ...  (dash names as in lib/, 'provider' is always included)
"""

import sys, re, json, tarfile

tgz, prov, out, *names = sys.argv[1:]
T = tarfile.open(tgz)
M = {m.name: m for m in T.getmembers()}


def rd(p):
    return T.extractfile(M[p]).read().decode()


SC = {
    "string": "string",
    "number": "number",
    "boolean": "bool",
    "stringList": ["list", "string"],
    "numberList": ["list", "number"],
    "booleanList": ["list", "bool"],
    "stringMap": ["map", "string"],
    "numberMap": ["map", "number"],
    "booleanMap": ["map", "bool"],
    "any": "dynamic",
    "anyMap": ["map", "dynamic"],
    "stringListList": ["list", ["list", "string"]],
    "stringListMap": ["map", ["list", "string"]],
    "numberListList": ["list", ["list", "number"]],
}


def snake(c):
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", c).lower()


def one(lib):
    js = rd(f"package/lib/{lib}/index.js")
    dt = rd(f"package/lib/{lib}/index.d.ts")
    # nested files (big resources are split)
    for n in M:
        if re.fullmatch(rf"package/lib/{re.escape(lib)}/index-structs/[\w-]+\.js", n):
            js += "\n" + rd(n)
        if re.fullmatch(rf"package/lib/{re.escape(lib)}/index-structs/[\w-]+\.d\.ts", n):
            dt += "\n" + rd(n)
    tft = re.search(r'tfResourceType = "([\w]+)"', js)
    tft = tft.group(1) if tft else None
    req = {}
    for m in re.finditer(r"export interface (\w+)(?: extends [\w.]+)? \{(.*?)\n\}", dt, re.S):
        req[m.group(1)] = {
            a.group(1): a.group(2) != "?" for a in re.finditer(r"readonly (\w+)(\??):", m.group(2))
        }

    def attrs(body):  # body of const attrs = { ... };
        res = []
        for m in re.finditer(
            r"\n\s+(\w+): \{\s*\n\s*value: (.*?),\n\s*isBlock: (true|false),\n\s*type: \"(\w+)\",\n\s*storageClassType: \"(\w+)\",",
            body,
            re.S,
        ):
            cam = re.search(r"(?:this\._|struct\.)(\w+)", m.group(2))
            res.append(
                (
                    m.group(1),
                    m.group(2),
                    m.group(3) == "true",
                    m.group(4),
                    m.group(5),
                    cam.group(1) if cam else None,
                )
            )
        return res

    fns = {
        m.group(1).lower(): m.group(2)
        for m in re.finditer(r"function (\w+)ToHclTerraform\(struct\) \{(.*?)\n\}", js, re.S)
    }

    def build(body, iface, depth=0):
        blk = {"attributes": {}, "block_types": {}}
        R = req.get(iface, {})
        for k, val, isb, ty, st, cam in attrs(body):
            r = R.get(cam, False)
            if isb:
                f = re.search(r"(?:\.)?(\w+)ToHclTerraform", val)
                nb = fns.get(f.group(1).lower()) if f else None
                nested = (
                    build(nb, f.group(1)[0].upper() + f.group(1)[1:], depth + 1)
                    if nb and depth < 12
                    else {"attributes": {}, "block_types": {}}
                )
                blk["block_types"][k] = {
                    "nesting_mode": {"list": "list", "set": "set", "map": "map", "struct": "single"}.get(
                        ty, "list"
                    ),
                    "block": nested,
                    **({"min_items": 1} if r and ty in ("list", "set") else {}),
                }
            else:
                t = SC.get(st, "dynamic")
                if ty == "set" and isinstance(t, list) and t[0] == "list":
                    t = ["set", t[1]]
                blk["attributes"][k] = {"type": t, "required": r, "optional": not r}
        return blk

    m = re.search(r"synthesizeHclAttributes\(\) \{(.*?)\n    \}", js, re.S)
    cls = re.search(
        r"export declare class (\w+) extends cdktf\.Terraform(?:Resource|DataSource|Provider)", dt
    ).group(1)
    b = build(m.group(1), cls + "Config")
    cbody = dt[dt.index(f"export declare class {cls} ") :]
    for g in re.finditer(r"\n    get (\w+)\(\): ([^;]+);", cbody):
        n = snake(g.group(1))
        ty = g.group(2)
        if n.endswith("_input") or n in b["attributes"] or n in b["block_types"]:
            if n in b["attributes"] and not b["attributes"][n]["required"]:
                b["attributes"][n]["computed"] = True
            continue
        b["attributes"][n] = {
            "type": {"string": "string", "number": "number", "string[]": ["list", "string"]}.get(
                ty, "dynamic"
            ),
            "computed": True,
        }
    if "id" not in b["attributes"] and tft:
        b["attributes"]["id"] = {"type": "string", "optional": True, "computed": True}
    return tft, {"version": 0, "block": b}


P = {"provider": one("provider")[1], "resource_schemas": {}, "data_source_schemas": {}}
for a in list(P["provider"]["block"]["attributes"]):
    P["provider"]["block"]["attributes"][a].update(required=False, optional=True, computed=False)
for n in names:
    t, s = one(n)
    P["data_source_schemas" if n.startswith("data-") else "resource_schemas"][t] = s
json.dump(
    {"format_version": "1.0", "provider_schemas": {f"registry.terraform.io/hashicorp/{prov}": P}},
    open(out, "w"),
    indent=1,
)
print(prov, len(P["resource_schemas"]), "resources", len(P["data_source_schemas"]), "data sources")
