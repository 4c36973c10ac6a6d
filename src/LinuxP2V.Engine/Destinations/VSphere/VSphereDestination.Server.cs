using LinuxP2V.Engine.Destinations.VSphere.Images;

namespace LinuxP2V.Engine.Destinations.VSphere;

public sealed partial class VSphereDestination
{
    /// <inheritdoc/>
    public ServerIdentity Identity => new(client.Content.FullName, client.Content.Version, client.UserName, client.CertificateThumbprint);

    /// <inheritdoc/>
    public Task<IReadOnlyList<InventoryName>> ListInventoryAsync(CancellationToken cancellationToken) =>
        GuardAsync<IReadOnlyList<InventoryName>>(
            "read the inventory",
            client.Content.FullName,
            async () =>
            {
                var tree = await inventory.ReadAsync(cancellationToken).ConfigureAwait(false);
                return [.. tree.All.Select(item => new InventoryName(item.Name, item.Object.Type, tree.ShortPathOf(item)))];
            }
        );

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredHelperImage>> ListHelperImagesAsync(
        string datastore,
        bool verify,
        CancellationToken cancellationToken
    ) =>
        GuardAsync(
            $"list the helper images on {datastore}",
            datastore,
            () => new HelperImageLibrary(inventory, images).ListAsync(datastore, verify, cancellationToken)
        );

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredHelperImage>> PublishHelperImageAsync(
        string datastore,
        string imagePath,
        CancellationToken cancellationToken
    ) =>
        GuardAsync(
            $"take the helper image onto {datastore}",
            datastore,
            () => new HelperImageLibrary(inventory, images).PublishAsync(datastore, HelperImage.Require(imagePath), cancellationToken)
        );
}
