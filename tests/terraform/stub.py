#!/usr/bin/env python3
"""Terraform provider stub: serves a `terraform providers schema -json` document over tfplugin6 so that
`terraform validate` can check a module with no provider binary. Validation only; no CRUD."""

import sys, json, os
import tf.provider as tp
from tf.gen import tfplugin_pb2 as pb, tfplugin_pb2_grpc as rpc

NEST = {"single": 1, "list": 2, "set": 3, "map": 4, "group": 5}


def attr(n, a):
    o = pb.Schema.Attribute(
        name=n,
        required=bool(a.get("required")),
        optional=bool(a.get("optional")),
        computed=bool(a.get("computed")),
        sensitive=bool(a.get("sensitive")),
    )
    if "nested_type" in a:
        nt = a["nested_type"]
        o.nested_type.CopyFrom(
            pb.Schema.Object(
                attributes=[attr(k, v) for k, v in nt["attributes"].items()],
                nesting={"single": 1, "list": 2, "set": 3, "map": 4}[nt["nesting_mode"]],
            )
        )
    else:
        o.type = json.dumps(a["type"]).encode()
    return o


def block(b):
    return pb.Schema.Block(
        version=0,
        attributes=[attr(k, v) for k, v in b.get("attributes", {}).items()],
        block_types=[
            pb.Schema.NestedBlock(
                type_name=k,
                block=block(v["block"]),
                nesting=NEST[v["nesting_mode"]],
                min_items=v.get("min_items", 0),
                max_items=v.get("max_items", 0),
            )
            for k, v in b.get("block_types", {}).items()
        ],
    )


def schema(s):
    return pb.Schema(version=s.get("version", 0), block=block(s["block"]))


DOC = json.load(open(os.environ["STUB_SCHEMA"]))
PS = next(iter(DOC["provider_schemas"].values()))


class Stub(rpc.ProviderServicer):
    def __init__(self, app):
        pass

    def GetMetadata(self, r, c):
        return pb.GetMetadata.Response(
            server_capabilities=pb.ServerCapabilities(get_provider_schema_optional=True),
            resources=[pb.GetMetadata.ResourceMetadata(type_name=k) for k in PS["resource_schemas"]],
            data_sources=[
                pb.GetMetadata.DataSourceMetadata(type_name=k) for k in PS.get("data_source_schemas", {})
            ],
        )

    def GetProviderSchema(self, r, c):
        return pb.GetProviderSchema.Response(
            provider=schema(PS["provider"]),
            resource_schemas={k: schema(v) for k, v in PS["resource_schemas"].items()},
            data_source_schemas={k: schema(v) for k, v in PS.get("data_source_schemas", {}).items()},
        )

    def ValidateProviderConfig(self, r, c):
        return pb.ValidateProviderConfig.Response()

    def ValidateResourceConfig(self, r, c):
        return pb.ValidateResourceConfig.Response()

    def ValidateDataResourceConfig(self, r, c):
        return pb.ValidateDataResourceConfig.Response()

    def ConfigureProvider(self, r, c):
        return pb.ConfigureProvider.Response()

    def GetFunctions(self, r, c):
        return pb.GetFunctions.Response()

    def StopProvider(self, r, c):
        return pb.StopProvider.Response()


tp.ProviderServicer = Stub


class P:
    def full_name(self):
        return "registry.terraform.io/hashicorp/stub"


from tf import runner

runner.run_provider(P())
