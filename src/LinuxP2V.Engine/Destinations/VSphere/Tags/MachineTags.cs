using System.Diagnostics;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.VSphere.Tags;

/// <summary>The tags that a task asks for, found by their names.</summary>
internal sealed class MachineTags(VimClient client) : IDisposable
{
    private const int MostNames = 12;

    /// <summary>A wave of VMs asks for the same tags, and a large vCenter has thousands.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    private readonly TagService service = new(client.Rest);
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly Dictionary<TagCategory, IReadOnlyList<Tag>> known = [];
    private IReadOnlyList<TagCategory> categories = [];
    private Stopwatch? age;

    /// <param name="wanted">Each a name, or a category and a name: Site/Bonn.</param>
    /// <exception cref="P2VException">
    /// InventoryItemNotFound, InventoryItemAmbiguous, PlanNotPossible; DestinationNotSupported on a stand-alone ESXi;
    /// ServerAuthenticationFailed, ServerPermissionMissing.
    /// </exception>
    /// <exception cref="VimTransportException">No answer.</exception>
    public async Task<IReadOnlyList<Tag>> FindAsync(IReadOnlyList<string> wanted, CancellationToken cancellationToken)
    {
        if (wanted.Count == 0)
            return [];

        if (!client.Content.IsVirtualCenter)
            throw new P2VException(
                ErrorIds.DestinationNotSupported,
                "A stand-alone ESXi has no tags: only a vCenter has.",
                "Leave -Tag out, or connect to a vCenter."
            );

        var found = new List<Tag>();
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await ReadCategoriesAsync(cancellationToken).ConfigureAwait(false);
            foreach (var name in wanted.Distinct())
            {
                // Those of one category are asked for where it is named.
                var named = categories.Where(category => StartsWith(name, category.Name + "/")).ToList();
                var tags = await ReadAsync(named.Count > 0 ? named : categories, cancellationToken).ConfigureAwait(false);
                var tag = Choose(name, tags, categories);
                if (!found.Contains(tag))
                    found.Add(tag);
            }
        }
        finally
        {
            turn.Release();
        }

        if (found.GroupBy(tag => tag.Category).FirstOrDefault(group => group.Key.TakesOne && group.Count() > 1) is { } several)
            throw new P2VException(
                ErrorIds.PlanNotPossible,
                $"A VM can have one tag of the category {several.Key.Name} only, but -Tag names {string.Join(" and ", several)}.",
                "Leave one of them out."
            );

        return found;
    }

    /// <summary>It may be repeated.</summary>
    /// <inheritdoc cref="FindAsync"/>
    public Task AttachAsync(Tag tag, ManagedObject machine, CancellationToken cancellationToken) =>
        service.AttachAsync(tag, machine, cancellationToken);

    public void Dispose() => turn.Dispose();

    private async Task ReadCategoriesAsync(CancellationToken cancellationToken)
    {
        if (age?.Elapsed < Kept)
            return;

        known.Clear();
        categories = await service.ListCategoriesAsync(cancellationToken).ConfigureAwait(false);
        age = Stopwatch.StartNew();
    }

    private async Task<List<Tag>> ReadAsync(IEnumerable<TagCategory> wanted, CancellationToken cancellationToken)
    {
        var tags = new List<Tag>();
        foreach (var category in wanted)
        {
            if (!known.TryGetValue(category, out var read))
                known[category] = read = await service.ListAsync(category, cancellationToken).ConfigureAwait(false);

            tags.AddRange(read);
        }

        return tags;
    }

    private static Tag Choose(string wanted, List<Tag> tags, IReadOnlyList<TagCategory> categories)
    {
        var found = tags.Where(tag => IsSame(tag.ToString(), wanted) || IsSame(tag.Name, wanted)).ToList();
        // A tag of each category may bear the same name; where VMs may have one of them alone, it is meant. Names may differ in case alone.
        if (found.Count > 1 && found.Where(tag => tag.Category.IsForMachines).ToList() is { Count: > 0 } meant)
            found = meant;

        if (found.Count > 1 && found.Where(tag => tag.ToString() == wanted || tag.Name == wanted).ToList() is { Count: > 0 } exact)
            found = exact;

        return found switch
        {
            [{ Category.IsForMachines: true } tag] => tag,
            [var tag] => throw new P2VException(
                ErrorIds.PlanNotPossible,
                $"Tags of the category {tag.Category.Name}, such as {tag}, are not for VMs.",
                "Choose another tag with -Tag, or have the category changed in vCenter.",
                wanted
            ),
            [] => throw new P2VException(
                ErrorIds.InventoryItemNotFound,
                $"There is no tag {wanted}. {Names(tags, categories)}",
                "Give -Tag the name of a tag that there is, or its category and name: Site/Bonn.",
                wanted
            ),
            _ => throw new P2VException(
                ErrorIds.InventoryItemAmbiguous,
                $"{wanted} names several tags: {string.Join(", ", found)}.",
                "Give -Tag the category and the name.",
                wanted
            ),
        };
    }

    private static string Names(List<Tag> tags, IReadOnlyList<TagCategory> categories)
    {
        if (tags.Count == 0)
            return categories.Count == 0
                ? "The vCenter has no tags."
                : $"There are the categories {List(categories.Select(one => one.Name))}.";

        return $"There are {List(tags.Select(tag => tag.ToString()))}.";
    }

    private static string List(IEnumerable<string> names)
    {
        var sorted = names.OrderBy(name => name, StringComparer.OrdinalIgnoreCase).ToList();
        return string.Join(", ", sorted.Take(MostNames)) + (sorted.Count > MostNames ? $" and {sorted.Count - MostNames} more" : "");
    }

    private static bool IsSame(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private static bool StartsWith(string text, string start) => text.StartsWith(start, StringComparison.OrdinalIgnoreCase);
}
