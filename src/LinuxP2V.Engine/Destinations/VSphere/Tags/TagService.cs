using System.Text.Json;
using LinuxP2V.Engine.Destinations.VSphere.Vim;

namespace LinuxP2V.Engine.Destinations.VSphere.Tags;

/// <summary>The tags that a vCenter has, and giving them to a VM.</summary>
internal sealed class TagService(RestSession rest)
{
    private const string Tagging = "/com/vmware/cis/tagging";

    /// <exception cref="P2VException">The account may not, or cannot log in there.</exception>
    /// <exception cref="VimTransportException">No answer.</exception>
    public async Task<IReadOnlyList<TagCategory>> ListCategoriesAsync(CancellationToken cancellationToken)
    {
        var categories = new List<TagCategory>();
        foreach (var id in await IdsAsync(HttpMethod.Get, $"{Tagging}/category", cancellationToken).ConfigureAwait(false))
        {
            var category = await rest.CallAsync(HttpMethod.Get, $"{Tagging}/category/id:{id}", null, cancellationToken)
                .ConfigureAwait(false);
            var types = Texts(category, "associable_types");
            categories.Add(
                new TagCategory(
                    id,
                    Text(category, "name"),
                    Text(category, "cardinality") == "SINGLE",
                    types.Count == 0 || types.Contains("VirtualMachine")
                )
            );
        }

        return categories;
    }

    /// <inheritdoc cref="ListCategoriesAsync"/>
    public async Task<IReadOnlyList<Tag>> ListAsync(TagCategory category, CancellationToken cancellationToken)
    {
        var tags = new List<Tag>();
        var ids = await IdsAsync(HttpMethod.Post, $"{Tagging}/tag/id:{category.Id}?~action=list-tags-for-category", cancellationToken)
            .ConfigureAwait(false);
        foreach (var id in ids)
        {
            var tag = await rest.CallAsync(HttpMethod.Get, $"{Tagging}/tag/id:{id}", null, cancellationToken).ConfigureAwait(false);
            tags.Add(new Tag(id, Text(tag, "name"), category));
        }

        return tags;
    }

    /// <summary>It may be repeated.</summary>
    /// <inheritdoc cref="ListCategoriesAsync"/>
    public Task AttachAsync(Tag tag, ManagedObject machine, CancellationToken cancellationToken)
    {
        var content = JsonSerializer.Serialize(
            new Dictionary<string, Dictionary<string, string>>
            {
                ["object_id"] = new() { ["id"] = machine.Value, ["type"] = machine.Type },
            }
        );
        return rest.CallAsync(HttpMethod.Post, $"{Tagging}/tag-association/id:{tag.Id}?~action=attach", content, cancellationToken);
    }

    private async Task<List<string>> IdsAsync(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        var ids = await rest.CallAsync(method, path, null, cancellationToken).ConfigureAwait(false);
        return ids.ValueKind == JsonValueKind.Array ? [.. ids.EnumerateArray().Select(RestSession.TextOf).Where(id => id.Length > 0)] : [];
    }

    private static string Text(JsonElement item, string name) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var value) ? RestSession.TextOf(value) : "";

    private static List<string> Texts(JsonElement item, string name) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(RestSession.TextOf)]
            : [];
}
