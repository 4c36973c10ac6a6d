using System.Text.Json;
using LinuxP2V.Engine.Destinations.VSphere.Vim;

namespace LinuxP2V.Engine.Destinations.VSphere.Tags;

/// <summary>The tags that a vCenter has, and giving them to a VM.</summary>
internal sealed class TagService(RestSession rest)
{
    private const string Tagging = "/com/vmware/cis/tagging";

    private static readonly RestUse Use = new(
        "tags",
        "leave the tags out",
        "Ask for a role with the privilege InventoryService.Tagging.AttachTag on the VM and on the tag."
    );

    /// <exception cref="P2VException">The account may not, or cannot log in there.</exception>
    /// <exception cref="VimTransportException">No answer.</exception>
    public async Task<IReadOnlyList<TagCategory>> ListCategoriesAsync(CancellationToken cancellationToken)
    {
        var categories = new List<TagCategory>();
        foreach (var id in await IdsAsync(HttpMethod.Get, $"{Tagging}/category", cancellationToken).ConfigureAwait(false))
        {
            var category = await rest.CallAsync(Use, HttpMethod.Get, $"{Tagging}/category/id:{id}", null, cancellationToken)
                .ConfigureAwait(false);
            var types = RestJson.TextsOf(RestJson.Field(category, "associable_types"));
            categories.Add(
                new TagCategory(
                    id,
                    RestJson.Text(category, "name"),
                    RestJson.Text(category, "cardinality") == "SINGLE",
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
            var tag = await rest.CallAsync(Use, HttpMethod.Get, $"{Tagging}/tag/id:{id}", null, cancellationToken).ConfigureAwait(false);
            tags.Add(new Tag(id, RestJson.Text(tag, "name"), category));
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
        return rest.CallAsync(Use, HttpMethod.Post, $"{Tagging}/tag-association/id:{tag.Id}?~action=attach", content, cancellationToken);
    }

    private async Task<IReadOnlyList<string>> IdsAsync(HttpMethod method, string path, CancellationToken cancellationToken) =>
        RestJson.TextsOf(await rest.CallAsync(Use, method, path, null, cancellationToken).ConfigureAwait(false));
}
