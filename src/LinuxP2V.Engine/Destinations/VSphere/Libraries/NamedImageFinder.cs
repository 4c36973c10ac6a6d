using System.Collections.Concurrent;
using System.Diagnostics;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.VSphere.Libraries;

/// <summary>Finds the ISO that -HelperImageItem names: a path on a datastore, or an item of a content library.</summary>
internal sealed class NamedImageFinder(VimClient client)
{
    /// <summary>A wave of VMs asks for the same item.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    private readonly LibraryService libraries = new(client.Rest);
    private readonly ConcurrentDictionary<string, (NamedImage Image, Stopwatch Age)> known = new();

    /// <param name="wanted">Null or empty: none.</param>
    /// <returns>Null where none is wanted. Whether a host sees its datastore is not known yet.</returns>
    /// <exception cref="P2VException">
    /// InventoryItemNotFound, InventoryItemAmbiguous, PlanNotPossible, HelperImageMissing; DestinationNotSupported on a
    /// stand-alone ESXi; ServerAuthenticationFailed, ServerPermissionMissing.
    /// </exception>
    /// <exception cref="VimTransportException">No answer.</exception>
    public async Task<NamedImage?> FindAsync(string? wanted, CancellationToken cancellationToken)
    {
        if (wanted?.Trim() is not { Length: > 0 } text)
            return null;

        if (DatastorePath.IsOne(text))
            return DatastorePath.Parse(text);

        if (!client.Content.IsVirtualCenter)
            throw new P2VException(
                ErrorIds.DestinationNotSupported,
                $"A stand-alone ESXi has no content libraries, so {text} was not looked for: only a vCenter has.",
                "Give -HelperImageItem the path of an ISO, such as '[ds1] iso/linuxp2v-helper.iso', or connect to a vCenter.",
                text
            );

        if (known.TryGetValue(text, out var found) && found.Age.Elapsed < Kept)
            return found.Image;

        var image = await FindItemAsync(text, cancellationToken).ConfigureAwait(false);
        known[text] = (image, Stopwatch.StartNew());
        return image;
    }

    /// <summary>Its file is not where it was: the item was changed, and is looked for again the next time.</summary>
    public void Forget(NamedImage image) => known.TryRemove(image.Wanted, out _);

    private async Task<NamedImage> FindItemAsync(string wanted, CancellationToken cancellationToken)
    {
        var items = await ItemsAsync(wanted, cancellationToken).ConfigureAwait(false);
        if (items.Count > 1)
        {
            var names = new List<string>();
            foreach (var item in items)
                names.Add(await libraries.ReadNameAsync(item, cancellationToken).ConfigureAwait(false));

            names.Sort(StringComparer.OrdinalIgnoreCase);
            throw new P2VException(
                ErrorIds.InventoryItemAmbiguous,
                $"{wanted} names several items of content libraries: {string.Join(", ", names)}.",
                "Give -HelperImageItem library and item: Library/Item. Where these are the same, give it the path of the ISO on its "
                    + "datastore.",
                wanted
            );
        }

        var files = await libraries.ListFilesAsync(items[0], cancellationToken).ConfigureAwait(false);
        return Choose(wanted, files);
    }

    /// <summary>An item's name may have a slash in it, so that it comes before a library's.</summary>
    private async Task<IReadOnlyList<string>> ItemsAsync(string wanted, CancellationToken cancellationToken)
    {
        var items = await libraries.FindItemsAsync(wanted, null, cancellationToken).ConfigureAwait(false);
        var hasLibrary = false;
        for (var slash = wanted.IndexOf('/'); slash >= 0 && items.Count == 0; slash = wanted.IndexOf('/', slash + 1))
        {
            var found = new List<string>();
            foreach (var library in await libraries.FindAsync(wanted.Substring(0, slash), cancellationToken).ConfigureAwait(false))
            {
                hasLibrary = true;
                found.AddRange(
                    await libraries.FindItemsAsync(wanted.Substring(slash + 1), library, cancellationToken).ConfigureAwait(false)
                );
            }

            items = found;
        }

        return items.Count > 0
            ? items
            : throw new P2VException(
                ErrorIds.InventoryItemNotFound,
                hasLibrary ? $"The content library has no item {wanted}."
                    : wanted.Contains('/') ? $"There is no content library that {wanted} could be an item of."
                    : $"No content library that the account may see has an item {wanted}.",
                "Give -HelperImageItem the name of an item, library and item (Library/Item), or the path of an ISO "
                    + "('[ds1] iso/linuxp2v-helper.iso').",
                wanted
            );
    }

    private static NamedImage Choose(string wanted, IReadOnlyList<LibraryFile> files)
    {
        var isos = files.Where(file => DatastorePath.IsIso(file.Name)).ToList();
        if (isos.Count == 0)
            throw new P2VException(
                ErrorIds.PlanNotPossible,
                files.Count == 0
                    ? $"The item {wanted} has no file."
                    : $"The item {wanted} has no ISO, but {string.Join(", ", files.Select(file => file.Name))}.",
                "Import linuxp2v-helper.iso of the module into the library, and name that item with -HelperImageItem.",
                wanted
            );

        if (isos.Select(file => file.Name).Distinct().Count() > 1)
            throw new P2VException(
                ErrorIds.InventoryItemAmbiguous,
                $"The item {wanted} has several ISOs: {string.Join(", ", isos.Select(file => file.Name).Distinct())}.",
                "Give -HelperImageItem the path of the ISO on its datastore.",
                wanted
            );

        // The same file may lie on several storages.
        foreach (var file in isos.Where(file => file.IsCached && file.DatastoreId.Length > 0))
        {
            foreach (var uri in file.Uris)
            {
                if (DatastorePath.OfUri(uri) is var (folder, name) && DatastorePath.IsIso(name))
                    return new NamedImage(wanted, new ManagedObject("Datastore", file.DatastoreId), null, folder, name);
            }
        }

        throw isos.Exists(file => !file.IsCached)
            ? new P2VException(
                ErrorIds.HelperImageMissing,
                $"The ISO of the item {wanted} is on no datastore yet: its library fetches what is needed from another one.",
                "Synchronize the item in the vSphere Client, and try again.",
                wanted
            )
            : new P2VException(
                ErrorIds.HelperImageMissing,
                $"The ISO of the item {wanted} is on no datastore: its library keeps its files elsewhere, where no VM can use them.",
                "Copy the item into a library on a datastore, or use -HelperImageDatastore.",
                wanted
            );
    }
}
