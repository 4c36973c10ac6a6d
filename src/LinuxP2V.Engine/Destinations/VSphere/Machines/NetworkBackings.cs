using System.Xml.Linq;
using LinuxP2V.Engine.Destinations.VSphere.Inventory;
using LinuxP2V.Engine.Destinations.VSphere.Vim;

namespace LinuxP2V.Engine.Destinations.VSphere.Machines;

/// <summary>How an adapter is tied to its network: each sort of network has its own way.</summary>
internal static class NetworkBackings
{
    public static async Task<IReadOnlyList<XElement>> OfAsync(
        VimClient client,
        IReadOnlyList<InventoryItem> networks,
        CancellationToken cancellationToken
    )
    {
        var backings = new List<XElement>();
        foreach (var network in networks)
            backings.Add(await OfAsync(client, network, cancellationToken).ConfigureAwait(false));

        return backings;
    }

    private static async Task<XElement> OfAsync(VimClient client, InventoryItem network, CancellationToken cancellationToken)
    {
        switch (network.Object.Type)
        {
            case "DistributedVirtualPortgroup":
                var vSwitch =
                    network.Properties["config.distributedVirtualSwitch"].AsReference()
                    ?? throw InventoryAccess.Missing($"the distributed port group {network.Name}", network.Name);
                var properties = await client.Properties.ReadAsync(vSwitch, ["uuid"], cancellationToken).ConfigureAwait(false);
                // Without one the adapter would be tied to nothing.
                var uuid = properties["uuid"]?.Value is { Length: > 0 } known
                    ? known
                    : throw InventoryAccess.Missing($"the distributed switch of {network.Name}", network.Name);
                return VimData.Of(
                    "VirtualEthernetCardDistributedVirtualPortBackingInfo",
                    (
                        "port",
                        VimData.Of(
                            "DistributedVirtualSwitchPortConnection",
                            ("switchUuid", uuid),
                            ("portgroupKey", network.Properties["key"]?.Value)
                        )
                    )
                );
            case "OpaqueNetwork":
                var summary = network.Properties["summary"];
                return VimData.Of(
                    "VirtualEthernetCardOpaqueNetworkBackingInfo",
                    ("opaqueNetworkId", summary.Text("opaqueNetworkId")),
                    ("opaqueNetworkType", summary.Text("opaqueNetworkType"))
                );
            default:
                return VimData.Of("VirtualEthernetCardNetworkBackingInfo", ("deviceName", network.Name), ("network", network.Object));
        }
    }
}
