using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.VSphere.Policies;

/// <summary>Finds the storage policy that a task names, and the datastores that fulfil it.</summary>
internal sealed class PolicyFinder(VimClient client)
{
    private const int MostNames = 12;

    /// <param name="wanted">A name or an id; null: none.</param>
    /// <param name="datastores">Those that are asked about.</param>
    /// <returns>Null where no policy is wanted.</returns>
    /// <exception cref="P2VException">
    /// InventoryItemNotFound, InventoryItemAmbiguous; DestinationNotSupported on a stand-alone ESXi; ServerPermissionMissing.
    /// </exception>
    public async Task<PolicyPlan?> FindAsync(string? wanted, IReadOnlyList<ManagedObject> datastores, CancellationToken cancellationToken)
    {
        if (wanted is not { Length: > 0 })
            return null;

        if (!client.Content.IsVirtualCenter)
            throw new P2VException(
                ErrorIds.DestinationNotSupported,
                "A stand-alone ESXi has no storage policies: only a vCenter has.",
                "Leave -StoragePolicy out, or connect to a vCenter.",
                wanted
            );

        try
        {
            var service = new PolicyService(client);
            var policy = Choose(wanted, await service.ListAsync(cancellationToken).ConfigureAwait(false));
            return new PolicyPlan(policy, await service.FindCompatibleAsync(policy, datastores, cancellationToken).ConfigureAwait(false));
        }
        catch (VimFaultException fault) when (fault.Is("NoPermission") && !fault.Is("NotAuthenticated"))
        {
            throw new P2VException(
                ErrorIds.ServerPermissionMissing,
                $"The account may not read storage policies, so {wanted} was not looked for.",
                "Ask for a role with the privilege StorageProfile.View on the vCenter itself, or leave -StoragePolicy out.",
                wanted,
                fault
            );
        }
    }

    private static StoragePolicy Choose(string wanted, IReadOnlyList<StoragePolicy> policies)
    {
        var found = policies
            .Where(policy => policy.Id == wanted || string.Equals(policy.Name, wanted, StringComparison.OrdinalIgnoreCase))
            .ToList();
        return found.Count switch
        {
            1 => found[0],
            0 => throw new P2VException(
                ErrorIds.InventoryItemNotFound,
                $"There is no storage policy {wanted}. There are: {Names(policies)}.",
                "Give -StoragePolicy one of these names.",
                wanted
            ),
            _ => found.Find(policy => policy.Name == wanted)
                ?? throw new P2VException(
                    ErrorIds.InventoryItemAmbiguous,
                    $"{wanted} fits several storage policies: {Names(found)}.",
                    "Write the name in the same case as one of them.",
                    wanted
                ),
        };
    }

    private static string Names(IReadOnlyCollection<StoragePolicy> policies) =>
        string.Join(", ", policies.Select(policy => policy.Name).OrderBy(name => name, StringComparer.OrdinalIgnoreCase).Take(MostNames))
        + (policies.Count > MostNames ? $" and {policies.Count - MostNames} more" : "");
}

/// <param name="Datastores">Those that fulfil it.</param>
internal sealed record PolicyPlan(StoragePolicy Policy, IReadOnlyCollection<ManagedObject> Datastores);
