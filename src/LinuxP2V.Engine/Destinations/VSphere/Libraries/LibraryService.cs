using System.Text.Json;
using LinuxP2V.Engine.Destinations.VSphere.Vim;

namespace LinuxP2V.Engine.Destinations.VSphere.Libraries;

/// <summary>A vCenter's content libraries, as far as an ISO is looked for in them.</summary>
internal sealed class LibraryService(RestSession rest)
{
    private const string Libraries = "/com/vmware/content/library";
    private const string Items = Libraries + "/item";

    private static readonly RestUse Use = new(
        "content libraries",
        "give -HelperImageItem the path of the ISO on its datastore",
        "Ask for a role with the privilege ContentLibrary.ReadStorage on the library, or give -HelperImageItem the path of the ISO "
            + "on its datastore."
    );

    /// <returns>Ids of the libraries of this name, in any case of its letters.</returns>
    /// <exception cref="P2VException">The account may not, or cannot log in there.</exception>
    /// <exception cref="VimTransportException">No answer.</exception>
    public Task<IReadOnlyList<string>> FindAsync(string name, CancellationToken cancellationToken) =>
        FindAsync(Libraries, new() { ["name"] = name }, cancellationToken);

    /// <param name="libraryId">Null: in all libraries.</param>
    /// <returns>Ids of the items of this name, in any case of its letters.</returns>
    /// <inheritdoc cref="FindAsync(string, CancellationToken)"/>
    public Task<IReadOnlyList<string>> FindItemsAsync(string name, string? libraryId, CancellationToken cancellationToken)
    {
        var wanted = new Dictionary<string, string> { ["name"] = name };
        if (libraryId is not null)
            wanted["library_id"] = libraryId;

        return FindAsync(Items, wanted, cancellationToken);
    }

    /// <returns>Library and item: Library/Item.</returns>
    /// <inheritdoc cref="FindAsync(string, CancellationToken)"/>
    public async Task<string> ReadNameAsync(string itemId, CancellationToken cancellationToken)
    {
        var item = await rest.CallAsync(Use, HttpMethod.Get, $"{Items}/id:{Uri.EscapeDataString(itemId)}", null, cancellationToken)
            .ConfigureAwait(false);
        var id = Uri.EscapeDataString(RestJson.Text(item, "library_id"));
        var library = await rest.CallAsync(Use, HttpMethod.Get, $"{Libraries}/id:{id}", null, cancellationToken).ConfigureAwait(false);
        return $"{RestJson.Text(library, "name")}/{RestJson.Text(item, "name")}";
    }

    /// <inheritdoc cref="FindAsync(string, CancellationToken)"/>
    public async Task<IReadOnlyList<LibraryFile>> ListFilesAsync(string itemId, CancellationToken cancellationToken)
    {
        var path = $"{Items}/storage?library_item_id={Uri.EscapeDataString(itemId)}";
        var files = await rest.CallAsync(Use, HttpMethod.Get, path, null, cancellationToken).ConfigureAwait(false);
        return
        [
            .. RestJson
                .ItemsOf(files)
                .Select(file => new LibraryFile(
                    RestJson.Text(file, "name"),
                    RestJson.Field(file, "cached").ValueKind != JsonValueKind.False,
                    RestJson.Text(RestJson.Field(file, "storage_backing"), "datastore_id"),
                    RestJson.TextsOf(RestJson.Field(file, "storage_uris"))
                )),
        ];
    }

    private async Task<IReadOnlyList<string>> FindAsync(string path, Dictionary<string, string> wanted, CancellationToken cancellationToken)
    {
        var content = JsonSerializer.Serialize(new Dictionary<string, Dictionary<string, string>> { ["spec"] = wanted });
        return RestJson.TextsOf(
            await rest.CallAsync(Use, HttpMethod.Post, $"{path}?~action=find", content, cancellationToken).ConfigureAwait(false)
        );
    }
}

/// <param name="IsCached">It is on its storage; a subscribed library may fetch it when it is needed.</param>
/// <param name="DatastoreId">Empty: it is on a file server of the vCenter's.</param>
/// <param name="Uris">Where it lies there.</param>
internal sealed record LibraryFile(string Name, bool IsCached, string DatastoreId, IReadOnlyList<string> Uris);
