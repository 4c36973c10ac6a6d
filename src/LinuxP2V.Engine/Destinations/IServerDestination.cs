namespace LinuxP2V.Engine.Destinations;

/// <summary>
/// A destination behind a session at a server, with datastores that keep the helper image. Disposing it ends a
/// session that is its own.
/// </summary>
public interface IServerDestination : IDestination, IAsyncDisposable
{
    /// <summary>What the server said of itself at the login.</summary>
    ServerIdentity Identity { get; }

    /// <summary>What a task can name: hosts, clusters, datastores, pools, folders and networks.</summary>
    /// <exception cref="P2VException">What any question to the server meets.</exception>
    Task<IReadOnlyList<InventoryName>> ListInventoryAsync(CancellationToken cancellationToken);

    /// <param name="datastore">A name, a wildcard, an inventory path, or an id; of a datastore cluster, all of it.</param>
    /// <param name="verify">Reads the content of each, 30 MB, and compares it with the hash in its name.</param>
    /// <exception cref="P2VException">InventoryItemNotFound, ServerPermissionMissing.</exception>
    Task<IReadOnlyList<StoredHelperImage>> ListHelperImagesAsync(string datastore, bool verify, CancellationToken cancellationToken);

    /// <summary>Sends the image to each of the datastores that has not got it, and reads back what is there.</summary>
    /// <param name="datastore">As for <see cref="ListHelperImagesAsync"/>.</param>
    /// <returns>One for each datastore.</returns>
    /// <exception cref="P2VException">
    /// HelperImageMissing, HelperImageAltered, InventoryItemNotFound, DestinationFull, ServerPermissionMissing.
    /// </exception>
    Task<IReadOnlyList<StoredHelperImage>> PublishHelperImageAsync(string datastore, string imagePath, CancellationToken cancellationToken);
}

/// <summary>What a server says of itself and of the session.</summary>
/// <param name="Product">VMware vCenter Server 8.0.3 build-24022515, as the server writes it.</param>
/// <param name="Version">8.0.3</param>
/// <param name="User">As the server names the session's user.</param>
/// <param name="CertificateThumbprint">SHA-256 in hex, upper case; null when it was never seen.</param>
public sealed record ServerIdentity(string Product, string Version, string? User, string? CertificateThumbprint);

/// <summary>An object of the inventory.</summary>
/// <param name="Type">The server's: HostSystem, StoragePod.</param>
/// <param name="Path">Without the folders that every datacenter has: /DC0/Cluster1/esx01.</param>
public sealed record InventoryName(string Name, string Type, string Path);

/// <summary>A helper image on a datastore, recognised by its name.</summary>
/// <param name="Path">[datastore] folder/file.</param>
/// <param name="HashPrefix">The first 16 hex digits of its SHA-256, lower case.</param>
public sealed record StoredHelperImage(string Datastore, string Path, long SizeBytes, string HashPrefix)
{
    /// <summary>Whether its content was read and has that hash; null when it was not read.</summary>
    public bool? IsIntact { get; init; }
}
