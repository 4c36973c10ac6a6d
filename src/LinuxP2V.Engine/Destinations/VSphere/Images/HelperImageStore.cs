using System.Collections.Concurrent;
using System.Globalization;
using LinuxP2V.Engine.Destinations.VSphere.Inventory;
using LinuxP2V.Engine.Destinations.VSphere.Libraries;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.VSphere.Images;

/// <summary>
/// Puts the helper image onto a datastore, once. It arrives under a name of its own and gets its real one when it is
/// whole, so that half an image is never taken for one.
/// </summary>
internal sealed class HelperImageStore(VimClient client, IEngineConsole console)
{
    private static readonly TimeSpan VisibilityTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan VisibilityStep = TimeSpan.FromSeconds(1);

    /// <summary>What is left of an upload whose engine died is removed by the next, once nobody can be sending it any more.</summary>
    private static readonly TimeSpan LongestUpload = TimeSpan.FromDays(1);

    private readonly ConcurrentDictionary<ManagedObject, SemaphoreSlim> turns = new();
    private readonly DatastoreContent content = new(client);

    /// <summary>What is there already is read back, and sent again where it is not the image.</summary>
    /// <returns>[datastore] folder/file.</returns>
    /// <exception cref="P2VException">HelperImageAltered: what was sent is not what is there.</exception>
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
            var name = HelperImageName.Of(imagePath);
            var stored = await FindAsync(datastore, name.FileName, cancellationToken).ConfigureAwait(false);
            if (stored is not null && await IsImageAsync(stored, name, datastore, datacenterPath, cancellationToken).ConfigureAwait(false))
                return name.PathOn(datastore.Name);

            if (stored?.Length == name.Length)
                console.Warning($"{name.PathOn(datastore.Name)} is not the helper image that its name tells. It is sent again.");

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
        await RemoveLeftoversAsync(datastore, datacenter, cancellationToken).ConfigureAwait(false);
        var temporary = $"upload-{Guid.NewGuid():N}.part";
        var source = $"[{datastore.Name}] {HelperImageName.Folder}/{temporary}";
        console.Verbose($"Sending the helper image ({name.Length / (1024 * 1024)} MB) to {datastore.Name}.");
        try
        {
            await client
                .UploadAsync(
                    DatastoreContent.PathTo(datastore, datacenterPath, HelperImageName.Folder, temporary),
                    () => new FileStream(imagePath, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, useAsync: true),
                    cancellationToken
                )
                .ConfigureAwait(false);
            var sent = await WaitForAsync(datastore, temporary, name.Length, cancellationToken).ConfigureAwait(false);
            if (sent?.Length != name.Length)
                throw new P2VException(
                    ErrorIds.HelperImageAltered,
                    $"Of the helper image's {name.Length} bytes {sent?.Length ?? 0} arrived on {datastore.Name}.",
                    "Look at the room and the health of the datastore, and try again.",
                    datastore.Name
                );

            if (!await IsImageAsync(sent, name, datastore, datacenterPath, cancellationToken).ConfigureAwait(false))
                throw Altered(source, datastore);

            await GiveNameAsync(source, name, datastore, datacenter, datacenterPath, cancellationToken).ConfigureAwait(false);
            // The same file, as the move changes neither its content nor its time.
            if (
                await FindAsync(datastore, name.FileName, cancellationToken).ConfigureAwait(false) is { } named
                && named.Modified == sent.Modified
            )
                content.Remember(datastore, named, name.Hash);
        }
        catch
        {
            await TryDeleteAsync(source, datacenter).ConfigureAwait(false);
            throw;
        }
    }

    private async Task RemoveLeftoversAsync(InventoryItem datastore, InventoryItem datacenter, CancellationToken cancellationToken)
    {
        foreach (var file in await FilesAsync(datastore, "upload-*.part", cancellationToken).ConfigureAwait(false) ?? [])
        {
            if (
                DateTimeOffset.TryParse(file.Modified, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var modified)
                && DateTimeOffset.UtcNow - modified > LongestUpload
            )
                await TryDeleteAsync($"[{datastore.Name}] {HelperImageName.Folder}/{file.Name}", datacenter).ConfigureAwait(false);
        }
    }

    /// <summary>A host may show a file later than another one wrote it.</summary>
    /// <returns>What is there at the end, whole or not.</returns>
    private async Task<DatastoreFile?> WaitForAsync(
        InventoryItem datastore,
        string fileName,
        long length,
        CancellationToken cancellationToken
    )
    {
        for (var waited = TimeSpan.Zero; ; waited += VisibilityStep)
        {
            var file = await FindAsync(datastore, fileName, cancellationToken).ConfigureAwait(false);
            if (file?.Length == length || waited >= VisibilityTimeout)
                return file;

            await Task.Delay(VisibilityStep, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task GiveNameAsync(
        string source,
        HelperImageName name,
        InventoryItem datastore,
        InventoryItem datacenter,
        string datacenterPath,
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
            var other = await FindAsync(datastore, name.FileName, cancellationToken).ConfigureAwait(false);
            if (other?.Length != name.Length)
                throw;

            if (!await IsImageAsync(other, name, datastore, datacenterPath, cancellationToken).ConfigureAwait(false))
                throw Altered(name.PathOn(datastore.Name), datastore);

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

    /// <param name="datacenterPath">To read each; null: they are not read.</param>
    /// <param name="pattern">Of their names.</param>
    /// <returns>The images that are whole; none where there is no folder for them.</returns>
    public async Task<IReadOnlyList<StoredHelperImage>> ListAsync(
        InventoryItem datastore,
        string? datacenterPath,
        CancellationToken cancellationToken,
        string pattern = HelperImageName.Pattern
    )
    {
        var images = new List<StoredHelperImage>();
        foreach (var file in await FilesAsync(datastore, pattern, cancellationToken).ConfigureAwait(false) ?? [])
        {
            if (HelperImageName.HashOf(file.Name) is not { } hash)
                continue;

            var path = new HelperImageName(file.Name, file.Length, hash).PathOn(datastore.Name);
            images.Add(
                new StoredHelperImage(datastore.Name, path, file.Length, hash)
                {
                    IsIntact = datacenterPath is null
                        ? null
                        : await TryHasHashAsync(datastore, datacenterPath, file, hash, cancellationToken).ConfigureAwait(false),
                }
            );
        }

        return images;
    }

    private async Task<bool> IsImageAsync(
        DatastoreFile file,
        HelperImageName name,
        InventoryItem datastore,
        string datacenterPath,
        CancellationToken cancellationToken
    )
    {
        if (file.Length != name.Length)
            return false;

        if (await TryHasHashAsync(datastore, datacenterPath, file, name.Hash, cancellationToken).ConfigureAwait(false) is { } hasHash)
            return hasHash;

        console.Warning(
            $"{name.PathOn(datastore.Name)} could not be read back, as the account lacks the privilege Datastore.FileManagement there. "
                + "Its length alone was compared."
        );
        return true;
    }

    /// <returns>Null where the account may not read the file, or the file service does not know its folder.</returns>
    private async Task<bool?> TryHasHashAsync(
        InventoryItem datastore,
        string datacenterPath,
        DatastoreFile file,
        string hash,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await content.HasHashAsync(datastore, datacenterPath, file, hash, cancellationToken).ConfigureAwait(false);
        }
        catch (VimTransportException exception) when (exception.Refusal is FileRefusal.Rights or FileRefusal.Missing)
        {
            return null;
        }
    }

    /// <summary>Compares an ISO that an admin put there with the image that a VM is to be made with.</summary>
    /// <param name="imagePath">Null: it is only looked for.</param>
    public async Task<NamedImageState> CompareAsync(
        string? imagePath,
        NamedImage image,
        InventoryItem datastore,
        string datacenterPath,
        CancellationToken cancellationToken
    )
    {
        var found = await FilesAsync(datastore, image.FileName, cancellationToken, image.Folder).ConfigureAwait(false);
        if (found?.Find(file => file.Name == image.FileName) is not { } file)
            return NamedImageState.Absent;

        if (imagePath is null)
            return NamedImageState.Unknown;

        var name = HelperImageName.Of(imagePath);
        if (file.Length != name.Length)
            return NamedImageState.Other;

        return await TryHasHashAsync(datastore, datacenterPath, file, name.Hash, cancellationToken).ConfigureAwait(false) switch
        {
            true => NamedImageState.Same,
            false => NamedImageState.Other,
            null => NamedImageState.SameLength,
        };
    }

    /// <returns>[datastore] folder/file.</returns>
    /// <exception cref="P2VException">HelperImageMissing, HelperImageAltered.</exception>
    public async Task<string> RequireAsync(
        string imagePath,
        NamedImage image,
        InventoryItem datastore,
        string datacenterPath,
        CancellationToken cancellationToken
    )
    {
        var state = await CompareAsync(imagePath, image, datastore, datacenterPath, cancellationToken).ConfigureAwait(false);
        switch (NamedImageFindings.Of(state, image, datastore))
        {
            case { Severity: FindingSeverity.Error } error:
                throw new P2VException(error.Id, error.What, error.Remedy, image.Wanted);
            case { } doubt:
                console.Warning(doubt.What);
                break;
        }

        return NamedImageFindings.PathOf(image, datastore);
    }

    private static P2VException Altered(string path, InventoryItem datastore) =>
        new(
            ErrorIds.HelperImageAltered,
            $"{path} is not the helper image that was sent there.",
            "Somebody else writes to this folder of the datastore, or it is damaged. Find out who may write there, and try again.",
            datastore.Name
        );

    /// <returns>Null when there is no such file.</returns>
    private async Task<DatastoreFile?> FindAsync(InventoryItem datastore, string fileName, CancellationToken cancellationToken) =>
        (await FilesAsync(datastore, fileName, cancellationToken).ConfigureAwait(false) ?? []).Find(file => file.Name == fileName);

    public async Task<bool> HasFolderAsync(InventoryItem datastore, CancellationToken cancellationToken) =>
        await FilesAsync(datastore, HelperImageName.Pattern, cancellationToken).ConfigureAwait(false) is not null;

    /// <returns>Null when there is no folder.</returns>
    private async Task<List<DatastoreFile>?> FilesAsync(
        InventoryItem datastore,
        string pattern,
        CancellationToken cancellationToken,
        string folder = HelperImageName.Folder
    )
    {
        var browser =
            datastore.Properties["browser"].AsReference()
            ?? throw InventoryAccess.Missing($"the datastore {datastore.Name}", datastore.Name);
        var search = VimData.Of(
            "HostDatastoreBrowserSearchSpec",
            (
                "details",
                VimData.Of("FileQueryFlags", ("fileType", false), ("fileSize", true), ("modification", true), ("fileOwner", false))
            ),
            ("matchPattern", pattern)
        );
        try
        {
            var result = await client
                .Tasks.RunAsync(
                    "SearchDatastore_Task",
                    browser,
                    [("datastorePath", $"[{datastore.Name}] {folder}".TrimEnd()), ("searchSpec", search)],
                    cancellationToken
                )
                .ConfigureAwait(false);
            return
            [
                .. result
                    .Children("file")
                    .Select(file => new DatastoreFile(
                        folder,
                        file.Text("path") ?? "",
                        file.Number("fileSize") ?? 0,
                        file.Text("modification") ?? ""
                    )),
            ];
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
