using System.Collections.Concurrent;
using LinuxP2V.Engine.Destinations.VSphere.Inventory;
using LinuxP2V.Engine.Destinations.VSphere.Vim;

namespace LinuxP2V.Engine.Destinations.VSphere.Images;

/// <summary>
/// Puts the helper image onto a datastore, once. It arrives under a name of its own and gets its real one when it is
/// whole, so that half an image is never taken for one.
/// </summary>
internal sealed class HelperImageStore(VimClient client, IEngineConsole console)
{
    private readonly ConcurrentDictionary<ManagedObject, SemaphoreSlim> turns = new();
    private readonly ConcurrentDictionary<string, HelperImageName> names = new();

    /// <returns>[datastore] folder/file.</returns>
    public async Task<string> ProvideAsync(
        string imagePath,
        InventoryItem datastore,
        InventoryItem datacenter,
        string datacenterPath,
        CancellationToken cancellationToken
    )
    {
        var turn = turns.GetOrAdd(datastore.Object, _ => new SemaphoreSlim(1, 1));
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var file = new FileInfo(imagePath);
            var name = names.GetOrAdd(
                FormattableString.Invariant($"{imagePath}|{file.Length}|{file.LastWriteTimeUtc.Ticks}"),
                _ => HelperImageName.Of(imagePath)
            );
            if (await LengthOfAsync(datastore, name.FileName, cancellationToken).ConfigureAwait(false) != name.Length)
                await UploadAsync(imagePath, name, datastore, datacenter, datacenterPath, cancellationToken).ConfigureAwait(false);

            return name.PathOn(datastore.Name);
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task UploadAsync(
        string imagePath,
        HelperImageName name,
        InventoryItem datastore,
        InventoryItem datacenter,
        string datacenterPath,
        CancellationToken cancellationToken
    )
    {
        await CreateFolderAsync(datastore, datacenter, cancellationToken).ConfigureAwait(false);
        var temporary = $"upload-{Guid.NewGuid():N}.part";
        var source = $"[{datastore.Name}] {HelperImageName.Folder}/{temporary}";
        console.Verbose($"Sending the helper image ({name.Length / (1024 * 1024)} MB) to {datastore.Name}.");
        try
        {
            using (var content = new FileStream(imagePath, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, useAsync: true))
            {
                // A path within the server's root has no slash before it, and an ESXi calls its datacenter this way as well.
                var query = $"dcPath={Uri.EscapeDataString(datacenterPath.TrimStart('/'))}&dsName={Uri.EscapeDataString(datastore.Name)}";
                await client
                    .UploadAsync($"/folder/{HelperImageName.Folder}/{temporary}?{query}", content, cancellationToken)
                    .ConfigureAwait(false);
            }

            if (await LengthOfAsync(datastore, temporary, cancellationToken).ConfigureAwait(false) is var length && length != name.Length)
                throw new VimTransportException(
                    $"Of the helper image's {name.Length} bytes {length ?? 0} arrived on {datastore.Name}.",
                    isTransient: false
                );

            await GiveNameAsync(source, name, datastore, datacenter, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await TryDeleteAsync(source, datacenter).ConfigureAwait(false);
            throw;
        }
    }

    private async Task GiveNameAsync(
        string source,
        HelperImageName name,
        InventoryItem datastore,
        InventoryItem datacenter,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await client
                .Tasks.RunAsync(
                    "MoveDatastoreFile_Task",
                    client.Content.FileManager,
                    [
                        ("sourceName", source),
                        ("sourceDatacenter", datacenter.Object),
                        ("destinationName", name.PathOn(datastore.Name)),
                        ("destinationDatacenter", datacenter.Object),
                        ("force", true),
                    ],
                    cancellationToken
                )
                .ConfigureAwait(false);
        }
        catch (VimFaultException)
        {
            // Another engine was faster, and its VM may hold the image open already.
            if (await LengthOfAsync(datastore, name.FileName, cancellationToken).ConfigureAwait(false) != name.Length)
                throw;

            await TryDeleteAsync(source, datacenter).ConfigureAwait(false);
        }
    }

    /// <summary>Only where there is none: on vSAN, making one asks for a privilege that using one does not.</summary>
    private async Task CreateFolderAsync(InventoryItem datastore, InventoryItem datacenter, CancellationToken cancellationToken)
    {
        if (await HasFolderAsync(datastore, cancellationToken).ConfigureAwait(false))
            return;

        try
        {
            // vSAN and virtual volumes have folders of their own kind at the top.
            if (HostState.HasNamespaces(datastore) && client.Content.DatastoreNamespaceManager is { } spaces)
            {
                await client
                    .CallAsync(
                        "CreateDirectory",
                        spaces,
                        [("datastore", datastore.Object), ("displayName", HelperImageName.Folder)],
                        cancellationToken
                    )
                    .ConfigureAwait(false);
            }
            else
            {
                await client
                    .CallAsync(
                        "MakeDirectory",
                        client.Content.FileManager,
                        [
                            ("name", $"[{datastore.Name}] {HelperImageName.Folder}"),
                            ("datacenter", datacenter.Object),
                            ("createParentDirectories", true),
                        ],
                        cancellationToken
                    )
                    .ConfigureAwait(false);
            }
        }
        catch (VimFaultException fault) when (fault.Is("FileAlreadyExists")) { }
    }

    /// <returns>The images that are whole; none where there is no folder for them.</returns>
    public async Task<IReadOnlyList<StoredHelperImage>> ListAsync(InventoryItem datastore, CancellationToken cancellationToken) =>
        [
            .. from file in await FilesAsync(datastore, HelperImageName.Pattern, cancellationToken).ConfigureAwait(false) ?? []
            let hash = HelperImageName.HashOf(file.Name)
            where hash is not null
            select new StoredHelperImage(
                datastore.Name,
                new HelperImageName(file.Name, file.Length).PathOn(datastore.Name),
                file.Length,
                hash
            ),
        ];

    /// <returns>In bytes; null when there is no such file.</returns>
    private async Task<long?> LengthOfAsync(InventoryItem datastore, string fileName, CancellationToken cancellationToken)
    {
        foreach (var file in await FilesAsync(datastore, fileName, cancellationToken).ConfigureAwait(false) ?? [])
        {
            if (file.Name == fileName)
                return file.Length;
        }

        return null;
    }

    public async Task<bool> HasFolderAsync(InventoryItem datastore, CancellationToken cancellationToken) =>
        await FilesAsync(datastore, HelperImageName.Pattern, cancellationToken).ConfigureAwait(false) is not null;

    /// <returns>Null when there is no folder.</returns>
    private async Task<List<(string Name, long Length)>?> FilesAsync(
        InventoryItem datastore,
        string pattern,
        CancellationToken cancellationToken
    )
    {
        var browser =
            datastore.Properties["browser"].AsReference()
            ?? throw InventoryAccess.Missing($"the datastore {datastore.Name}", datastore.Name);
        var search = VimData.Of(
            "HostDatastoreBrowserSearchSpec",
            (
                "details",
                VimData.Of("FileQueryFlags", ("fileType", false), ("fileSize", true), ("modification", false), ("fileOwner", false))
            ),
            ("matchPattern", pattern)
        );
        try
        {
            var result = await client
                .Tasks.RunAsync(
                    "SearchDatastore_Task",
                    browser,
                    [("datastorePath", $"[{datastore.Name}] {HelperImageName.Folder}"), ("searchSpec", search)],
                    cancellationToken
                )
                .ConfigureAwait(false);
            return [.. result.Children("file").Select(file => (file.Text("path") ?? "", file.Number("fileSize") ?? 0))];
        }
        catch (VimFaultException fault) when (fault.Is("FileNotFound"))
        {
            return null;
        }
    }

    private async Task TryDeleteAsync(string path, InventoryItem datacenter)
    {
        try
        {
            await client
                .Tasks.RunAsync(
                    "DeleteDatastoreFile_Task",
                    client.Content.FileManager,
                    [("name", path), ("datacenter", datacenter.Object)],
                    CancellationToken.None
                )
                .ConfigureAwait(false);
        }
        catch (VimFaultException fault) when (fault.Is("FileNotFound")) { }
        catch (Exception exception) when (exception is VimFaultException or VimTransportException or P2VException)
        {
            console.Warning($"{path} could not be removed: {exception.Message}");
        }
    }
}
