using System.Xml.Linq;
using LinuxP2V.Engine.Destinations.VSphere.Vim;

namespace LinuxP2V.Engine.Destinations.VSphere.Policies;

/// <summary>The part of a vCenter that keeps storage policies, and knows which datastores fulfil them.</summary>
internal sealed class PolicyService(VimClient client)
{
    private static readonly ManagedObject Root = new("PbmServiceInstance", "ServiceInstance");
    private static readonly XNamespace Pbm = SoapService.Policies.Namespace;

    /// <summary>Those that a VM can ask for.</summary>
    /// <returns>Id and name of each.</returns>
    /// <exception cref="VimFaultException">The server refuses.</exception>
    public async Task<IReadOnlyList<StoragePolicy>> ListAsync(CancellationToken cancellationToken)
    {
        var manager = await ManagerAsync("profileManager", cancellationToken).ConfigureAwait(false);
        var ids = await CallAsync(
                "PbmQueryProfile",
                manager,
                [
                    new XElement(Pbm + "resourceType", new XElement(Pbm + "resourceType", "STORAGE")),
                    new XElement(Pbm + "profileCategory", "REQUIREMENT"),
                ],
                cancellationToken
            )
            .ConfigureAwait(false);
        var wanted = ids.Children("returnval").Select(id => id.Text("uniqueId")).OfType<string>().ToList();
        if (wanted.Count == 0)
            return [];

        var profiles = await CallAsync("PbmRetrieveContent", manager, [.. wanted.Select(id => Id("profileIds", id))], cancellationToken)
            .ConfigureAwait(false);
        return
        [
            .. profiles
                .Children("returnval")
                .Select(profile => new StoragePolicy(profile.Child("profileId").Text("uniqueId") ?? "", profile.Text("name") ?? "")),
        ];
    }

    /// <param name="datastores">Those that are asked about.</param>
    /// <returns>Those of them that fulfil the policy.</returns>
    /// <exception cref="VimFaultException">The server refuses.</exception>
    public async Task<IReadOnlyCollection<ManagedObject>> FindCompatibleAsync(
        StoragePolicy policy,
        IReadOnlyCollection<ManagedObject> datastores,
        CancellationToken cancellationToken
    )
    {
        if (datastores.Count == 0)
            return [];

        var solver = await ManagerAsync("placementSolver", cancellationToken).ConfigureAwait(false);
        var requirement = new XElement(
            Pbm + "placementSubjectRequirement",
            new XAttribute(XNamespace.Xmlns + "pbm", Pbm),
            new XAttribute(VimData.Instance + "type", "pbm:PbmPlacementCapabilityProfileRequirement"),
            Id("profileId", policy.Id)
        );
        var results = await CallAsync(
                "PbmCheckRequirements",
                solver,
                [
                    .. datastores.Select(datastore => new XElement(
                        Pbm + "hubsToSearch",
                        new XElement(Pbm + "hubType", datastore.Type),
                        new XElement(Pbm + "hubId", datastore.Value)
                    )),
                    requirement,
                ],
                cancellationToken
            )
            .ConfigureAwait(false);
        return
        [
            .. results
                .Children("returnval")
                .Where(result => !result.Children("error").Any())
                .Select(result => new ManagedObject(result.Child("hub").Text("hubType") ?? "", result.Child("hub").Text("hubId") ?? ""))
                .Where(datastores.Contains),
        ];
    }

    private async Task<ManagedObject> ManagerAsync(string name, CancellationToken cancellationToken)
    {
        var content = await CallAsync("PbmRetrieveServiceContent", Root, [], cancellationToken).ConfigureAwait(false);
        return content.Child("returnval").Reference(name)
            ?? throw new VimTransportException($"The server's storage policies have no {name}.", isTransient: false);
    }

    private Task<XElement> CallAsync(string method, ManagedObject self, XElement[] arguments, CancellationToken cancellationToken) =>
        client.CallAsync(SoapService.Policies, method, self, arguments, cancellationToken);

    private static XElement Id(string name, string id) => new(Pbm + name, new XElement(Pbm + "uniqueId", id));
}

/// <param name="Id">By which the server knows it.</param>
internal sealed record StoragePolicy(string Id, string Name);
