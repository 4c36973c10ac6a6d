using LinuxP2V.Engine.Destinations.VSphere.Inventory;

namespace LinuxP2V.Engine.Destinations.VSphere.Images;

/// <summary>The helper images on the datastores that an admin names, apart from any conversion.</summary>
internal sealed class HelperImageLibrary(InventoryReader inventory, HelperImageStore store)
{
    public async Task<IReadOnlyList<StoredHelperImage>> ListAsync(string wanted, bool verify, CancellationToken cancellationToken)
    {
        var tree = await inventory.ReadAsync(cancellationToken).ConfigureAwait(false);
        var images = new List<StoredHelperImage>();
        foreach (var datastore in Find(tree, wanted))
        {
            images.AddRange(
                await store
                    .ListAsync(
                        datastore,
                        verify && tree.DatacenterOf(datastore) is { } datacenter ? tree.RawPathOf(datacenter) : null,
                        cancellationToken
                    )
                    .ConfigureAwait(false)
            );
        }

        return images;
    }

    public async Task<IReadOnlyList<StoredHelperImage>> PublishAsync(string wanted, string imagePath, CancellationToken cancellationToken)
    {
        var tree = await inventory.ReadAsync(cancellationToken).ConfigureAwait(false);
        var images = new List<StoredHelperImage>();
        foreach (var datastore in Find(tree, wanted))
        {
            var datacenter =
                tree.DatacenterOf(datastore) ?? throw InventoryAccess.Missing($"the datacenter of {datastore.Name}", datastore.Name);
            var path = await store
                .ProvideAsync(imagePath, datastore, datacenter, tree.RawPathOf(datacenter), cancellationToken)
                .ConfigureAwait(false);
            var name = path.Substring(path.LastIndexOf('/') + 1);
            images.AddRange(await store.ListAsync(datastore, tree.RawPathOf(datacenter), cancellationToken, name).ConfigureAwait(false));
        }

        return images;
    }

    private static List<InventoryItem> Find(InventoryTree tree, string wanted)
    {
        var search = new InventorySearch(tree);
        var found = search.All(wanted, "-Datastore", "datastore", [.. tree.OfType("Datastore", "StoragePod")]);
        if (found.Count > 1 && !InventorySearch.IsPattern(wanted))
            throw search.Ambiguous(wanted, "-Datastore", "datastore", found);

        var datastores = found
            .SelectMany(item => item.Is("StoragePod") ? tree.OfType("Datastore").Where(store => store.Parent == item.Object) : [item])
            .Distinct()
            .ToList();
        // What was named is to fail loudly; what a wildcard or a cluster brings along may be out of order.
        return datastores.Count > 1 ? [.. datastores.Where(HostState.IsUsableDatastore)] : datastores;
    }
}
