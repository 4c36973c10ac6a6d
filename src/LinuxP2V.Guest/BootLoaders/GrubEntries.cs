using System.Globalization;
using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.BootLoaders;

/// <summary>Works out what a GRUB menu starts, as GRUB itself would.</summary>
internal sealed class GrubEntries
{
    private static readonly string[] KernelCommands = ["linux", "linux16", "linuxefi"];
    private static readonly string[] InitrdCommands = ["initrd", "initrd16", "initrdefi"];
    private static readonly string[] ModuleCommands = ["module", "module2"];
    private static readonly string[] OtherStarts =
    [
        "chainloader",
        "configfile",
        "multiboot",
        "multiboot2",
        "freebsd",
        "kfreebsd",
        "source",
    ];

    private readonly GuestTree files;
    private readonly string menu;
    private readonly GrubScript script;
    private readonly GrubVariables variables;
    private readonly List<Item> items;

    private GrubEntries(GuestTree files, string menu)
    {
        this.files = files;
        this.menu = menu;
        script = GrubScript.Parse(files.ReadText(menu));
        variables = new GrubVariables(GrubEnvironment.Read(files, menu));
        variables.Run(script.Commands);
        items = [.. script.Entries.Select(ToItem)];
        if (script.HasBlsEntries)
            items.AddRange(BlsItems());
    }

    /// <param name="menu">A grub.cfg that is there.</param>
    public static BootEntries Read(GuestTree files, string menu)
    {
        var reader = new GrubEntries(files, menu);
        var all = reader.items.SelectMany(Starts).ToList();
        var wanted = reader.variables["default"] is { Length: > 0 } set ? set : "0";
        var chosen = Choose(reader.items, wanted);
        var first = all.FirstOrDefault();
        return chosen is null
            ? new BootEntries(all, first, wanted == "0" ? null : $"the default entry {wanted} is not in it, so GRUB starts the first one")
            : new BootEntries(all, chosen, null);
    }

    private static IEnumerable<BootEntry> Starts(Item item) => item.Entry is { } entry ? [entry] : item.Inner.SelectMany(Starts);

    /// <summary>A number, a title or an id; of a submenu's entry all of them with &gt; between.</summary>
    private static BootEntry? Choose(IReadOnlyList<Item> items, string wanted)
    {
        var whole = Match(items, wanted);
        if (whole is not null)
            return Starts(whole).FirstOrDefault();

        var split = wanted.IndexOf('>');
        return split > 0 && Match(items, wanted[..split]) is { } submenu ? Choose(submenu.Inner, wanted[(split + 1)..]) : null;
    }

    private static Item? Match(IReadOnlyList<Item> items, string wanted) =>
        items.FirstOrDefault(item => item.Id == wanted || item.Title == wanted)
        ?? (
            int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < items.Count
                ? items[index]
                : null
        );

    private Item ToItem(GrubEntry entry) =>
        entry.IsSubmenu
            ? new Item(entry.Title, entry.Id, null, [.. entry.Entries.Select(ToItem)])
            : new Item(entry.Title, entry.Id, ToBootEntry(entry), []);

    private BootEntry ToBootEntry(GrubEntry entry)
    {
        var own = variables.Copy();
        own.Run(entry.Commands);
        string? kernel = null;
        var initrds = new List<string>();
        var words = "";
        var doubts = new List<string>();
        foreach (var command in entry.Commands.Where(own.Holds))
        {
            var arguments = command.Words.Skip(1).SkipWhile(word => word.StartsWith("--", StringComparison.Ordinal)).ToList();
            if (arguments.Count == 0)
                continue;

            if (KernelCommands.Contains(command.Name) || (ModuleCommands.Contains(command.Name) && kernel is null))
            {
                kernel = Expand(own, arguments[0], doubts);
                words = string.Join(" ", arguments.Skip(1).Select(own.ExpandAll));
            }
            else if (InitrdCommands.Contains(command.Name) || ModuleCommands.Contains(command.Name))
            {
                initrds.AddRange(arguments.Select(word => Expand(own, word, doubts)).OfType<string>());
            }
            else if (OtherStarts.Contains(command.Name))
            {
                doubts.Add($"{command.Name} {arguments[0]}");
            }
        }

        return new BootEntry(entry.Title, menu, own["root"], kernel, initrds, words) { Doubts = doubts };
    }

    private static string? Expand(GrubVariables variables, string word, List<string> doubts)
    {
        var path = variables.Expand(word);
        if (path is null)
            doubts.Add(word);

        return path;
    }

    /// <summary>Red Hat's GRUB adds the entries of /boot; their paths begin at the file system of /boot.</summary>
    private IEnumerable<Item> BlsItems()
    {
        var folder = variables["blsdir"] is { } set && files.FolderExists(set) ? set : "/boot/loader/entries";
        return BlsEntry
            .InOrderOfGrub(BlsEntry.ReadAll(files, folder))
            .Select(entry => new Item(
                entry.Title ?? entry.Id,
                entry.Id,
                new BootEntry(
                    entry.Title ?? entry.Id,
                    entry.Path,
                    null,
                    entry.Linux is { } linux ? variables.ExpandAll(linux) : null,
                    [.. entry.Initrds.Select(variables.ExpandAll).Where(path => path.Length > 0)],
                    variables.ExpandAll(entry.Options)
                ),
                []
            ));
    }

    private sealed record Item(string Title, string? Id, BootEntry? Entry, IReadOnlyList<Item> Inner);
}
