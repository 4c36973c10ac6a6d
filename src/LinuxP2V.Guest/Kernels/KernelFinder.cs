using System.Text.RegularExpressions;
using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.Kernels;

/// <summary>Kernels by their files, not by packages: a package database tells nothing about a self-built one.</summary>
internal sealed class KernelFinder
{
    private static readonly Regex FlavourPattern = new(@"-([a-z]+)$", RegexOptions.CultureInvariant);

    private readonly GuestTree files;
    private readonly IReadOnlyList<BootEntry> entries;

    /// <summary>Names in /boot.</summary>
    private readonly HashSet<string> names;

    /// <summary>Entry folders of the Boot Loader Specification: MACHINE-ID/VERSION/linux on /boot or the ESP.</summary>
    private readonly IReadOnlyList<string> entryFolders;

    /// <summary>Images without a version in their name: each belongs to one kernel.</summary>
    private readonly HashSet<string> taken = new(StringComparer.Ordinal);

    private KernelFinder(GuestTree files)
    {
        this.files = files;
        entries = BootEntry.Find(files);
        names = new HashSet<string>(files.Files("/boot").Select(NameOf), StringComparer.Ordinal);
        entryFolders = [.. BootEntry.Roots.SelectMany(root => files.Folders(root))];
    }

    /// <summary>Newest version first.</summary>
    public static IReadOnlyList<InstalledKernel> Find(GuestTree files)
    {
        var finder = new KernelFinder(files);
        return [.. finder.Versions().Select(finder.Read).OfType<InstalledKernel>()];
    }

    /// <summary>A kernel with all built in may have no folder of modules; its configuration tells what it has.</summary>
    private IEnumerable<string> Versions() =>
        files
            .Folders("/lib/modules")
            .Select(NameOf)
            .Concat(names.Where(name => name.StartsWith("config-", StringComparison.Ordinal)).Select(name => name["config-".Length..]))
            .Distinct()
            .OrderByDescending(version => version, VersionOrder.Instance);

    private InstalledKernel? Read(string version)
    {
        var folder = $"/lib/modules/{version}";
        var own = entryFolders.Select(entry => $"{entry}/{version}").Where(files.FolderExists).ToList();
        var suffix = Suffixes(version)
            .FirstOrDefault(candidate => KernelFileNames.Image(names, candidate) is { } name && IsFree(name, version));
        var image = suffix is null
            ? own.Select(entry => $"{entry}/linux").Append($"{folder}/vmlinuz").FirstOrDefault(files.FileExists)
            : $"/boot/{KernelFileNames.Image(names, suffix)}";
        if (image is null)
            return null;

        var kernel = new InstalledKernel(
            version,
            image,
            null,
            ModuleLists.Loadable(files, folder),
            ModuleLists.BuiltIn(files, folder, version)
        )
        {
            HasModuleIndex = !files.FolderExists(folder) || ModuleLists.HasIndex(files, folder),
        };
        return WithInitramfs(kernel, suffix ?? version, own);
    }

    private InstalledKernel WithInitramfs(InstalledKernel kernel, string suffix, IReadOnlyList<string> own)
    {
        var named = entries.Where(entry => entry.Starts(kernel, files)).SelectMany(entry => entry.Initramfs).ToList();
        var found = new[] { KernelFileNames.InitramfsOf(names, suffix) }
            .OfType<string>()
            .Select(name => $"/boot/{name}")
            .Concat(named)
            .Concat(own.SelectMany(entry => new[] { $"{entry}/initrd", $"{entry}/initrd.img" }))
            .Where(files.FileExists)
            .GroupBy(files.Resolve)
            .Select(group => group.First())
            .ToList();
        return kernel with
        {
            InitramfsPath = found.FirstOrDefault(),
            OtherInitramfsPaths = [.. found.Skip(1)],
            AbsentInitramfsPath = named.FirstOrDefault(path => !files.FileExists(path)),
        };
    }

    /// <summary>What may follow "vmlinuz-": the version, or in some distributions the name of the kernel's package.</summary>
    private IEnumerable<string> Suffixes(string version)
    {
        yield return version;

        // Arch notes the package beside the modules.
        var folder = $"/lib/modules/{version}";
        if (files.TryReadText($"{folder}/pkgbase")?.Trim() is { Length: > 0 } package)
            yield return package;

        // Alpine ends the version with it.
        if (FlavourPattern.Match(version) is { Success: true } flavour)
            yield return flavour.Groups[1].Value;

        // The same file again in /boot, under whatever name.
        var length = files.Length($"{folder}/vmlinuz");
        var twins = names
            .Where(name => name.StartsWith("vmlinuz-", StringComparison.Ordinal) && length > 0 && files.Length($"/boot/{name}") == length)
            .ToList();
        if (twins.Count == 1)
            yield return twins[0]["vmlinuz-".Length..];
    }

    private bool IsFree(string name, string version) => name.Contains(version) || taken.Add(name);

    private static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];
}
