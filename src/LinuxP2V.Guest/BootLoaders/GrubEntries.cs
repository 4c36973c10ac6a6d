using System.Globalization;
using System.Text.RegularExpressions;
using LinuxP2V.Guest.Files;
using LinuxP2V.Protocol.Layout;

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

    /// <summary>A function that notes an attempt without an initramfs, and the variable that tells the next start of it.</summary>
    private const string WithoutInitramfs = "initrdfail";

    /// <summary>A file beside the menu that takes part in it, such as custom.cfg.</summary>
    private static readonly Regex Beside = new(@"^\$\{?(?:config_directory|prefix)\}?/(?<name>[\w.-]+)$", RegexOptions.CultureInvariant);

    private readonly GuestTree files;
    private readonly string folder;
    private readonly GrubVariables variables;
    private readonly HashSet<string> read = new(StringComparer.Ordinal);
    private readonly List<Item> items = [];

    private GrubEntries(GuestTree files, string menu, Firmware firmware)
    {
        this.files = files;
        folder = menu[..menu.LastIndexOf('/')];
        variables = new GrubVariables(GrubEnvironment.Read(files, menu)).With("grub_platform", firmware == Firmware.Bios ? "pc" : "efi");
        Add(menu);
    }

    /// <param name="menu">A grub.cfg that is there.</param>
    /// <param name="firmware">By which GRUB was started: menus ask for it.</param>
    public static BootEntries Read(GuestTree files, string menu, Firmware firmware)
    {
        var reader = new GrubEntries(files, menu, firmware);
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

    /// <summary>Entries in the order in which GRUB adds them: their numbers count.</summary>
    private void Add(string file)
    {
        if (!read.Add(files.Resolve(file)))
            return;

        var script = GrubScript.Parse(files.ReadText(file));
        variables.Run(script.Commands);
        var entries = new Queue<GrubEntry>(script.Entries.Where(entry => variables.Holds(entry.Guards)));
        for (var index = 0; index < script.Commands.Count; index++)
        {
            AddUntil(index);
            if (variables.Holds(script.Commands[index]))
                AddFrom(script.Commands[index]);
        }

        AddUntil(script.Commands.Count);

        void AddUntil(int command)
        {
            while (entries.Count > 0 && entries.Peek().CommandsBefore <= command)
                items.Add(ToItem(entries.Dequeue(), file));
        }
    }

    private void AddFrom(GrubCommand command)
    {
        if (command.Name == "blscfg")
            items.AddRange(BlsItems());
        else if (
            command.Name is "source" or "."
            && command.Words.Count > 1
            && Beside.Match(command.Words[1]) is { Success: true } match
            && files.FileExists($"{folder}/{match.Groups["name"].Value}")
        )
            Add($"{folder}/{match.Groups["name"].Value}");
    }

    private Item ToItem(GrubEntry entry, string file) =>
        entry.IsSubmenu
            ? new Item(entry.Title, entry.Id, null, [.. entry.Entries.Select(inner => ToItem(inner, file))])
            : new Item(entry.Title, entry.Id, ToBootEntry(entry, file), []);

    private BootEntry ToBootEntry(GrubEntry entry, string file)
    {
        var own = variables.Copy();
        // Ubuntu's images for clouds try without an initramfs first; the second attempt has it.
        if (entry.Commands.Any(command => command.Name == WithoutInitramfs))
            own.With(WithoutInitramfs, "1");

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

        return new BootEntry(entry.Title, file, own["root"], kernel, initrds, words) { Doubts = doubts };
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
        var place = variables["blsdir"] is { } set && files.FolderExists(set) ? set : "/boot/loader/entries";
        return BlsEntry
            .InOrderOfGrub(BlsEntry.ReadAll(files, place))
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
