using LinuxP2V.Guest.Devices;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Guest.Storage;

/// <summary>
/// Mounts and swap areas that are units of systemd instead of lines of fstab. One that is required and never comes
/// stops the boot.
/// </summary>
internal sealed class UnitsStep : IGuestStep
{
    private const int LongestUnit = 1 << 20;

    /// <summary>Settings by which a unit does not start without another.</summary>
    private static readonly string[] Requirements = ["Requires", "Requisite", "BindsTo"];

    private static readonly string[] PathSuffixes = [".mount", ".automount", ".swap", ".device"];

    private static readonly string[] UnitSuffixes =
    [
        .. PathSuffixes,
        ".service",
        ".socket",
        ".target",
        ".path",
        ".timer",
        ".slice",
        ".scope",
    ];

    public string Concern => "Units";

    public void Plan(GuestContext context)
    {
        var gone = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in UnitLinks.Units(context.Files, ".mount").ToList())
            PlanMount(context, path, gone);

        var free = FreeSwaps(context);
        foreach (var path in UnitLinks.Units(context.Files, ".swap").ToList())
            PlanSwap(context, path, free, gone);

        Report(context, gone);
    }

    private void PlanMount(GuestContext context, string path, HashSet<string> gone)
    {
        var unit = new UnitFile(context.Files.ReadText(path));
        var name = UnitLinks.NameOf(path);
        if (unit.Value("What") is not { } what)
            return;

        if (context.Devices.IsLeftOutPath(Encodings.ToName(what)))
        {
            const string Why = "what it shows is not part of the copy";
            RemoveUnit(context, path, Why, gone);
            RemoveAutomount(context, name, Why, gone);
            return;
        }

        if (!DeviceNames.IsDevice(what))
            return;

        var where = Encodings.ToName(unit.Value("Where") ?? SystemdNames.PathOf(name) ?? "").TrimEnd('/');
        var resolved = context.Devices.ResolveMount(what, where);
        if (WhyGone(context, name, resolved, what) is { } why)
        {
            RemoveUnit(context, path, why, gone);
            RemoveAutomount(context, name, why, gone);
            return;
        }

        Rewrite(context, path, what, where, resolved);
        foreach (var addition in UnitLinks.Additions(context.Files, name).ToList())
            Rewrite(context, addition, new UnitFile(context.Files.ReadText(addition)).Value("What") ?? "", where, null);
    }

    /// <returns>Null for a unit that stays: its device is there, or nothing starts it by itself.</returns>
    private static string? WhyGone(GuestContext context, string name, ResolvedDevice resolved, string what) =>
        resolved.State switch
        {
            DeviceState.LeftOut => "its volume is not part of the copy",
            DeviceState.Unknown when UnitLinks.To(context.Files, name).Count > 0 => $"the VM has no device {what}",
            _ => null,
        };

    private void Rewrite(GuestContext context, string path, string what, string where, ResolvedDevice? resolved)
    {
        var unit = new UnitFile(context.Files.ReadText(path));
        var changes = new List<TextChange>();
        resolved ??= DeviceNames.IsDevice(what) ? context.Devices.ResolveMount(what, where) : null;
        if (resolved is { State: DeviceState.Renamed, Volume: { } volume })
        {
            var now = DevicePath(volume);
            changes.Add(new TextChange($"What={what}", $"now {now}", $"the VM does not have {what}"));
            unit = unit.With("What", now);
        }

        if (unit.Value("Options") is { Length: > 0 } options)
        {
            var optionChanges = new List<TextChange>();
            var entry = new FstabEntry(what, where, unit.Value("Type") ?? "", options.Split(','));
            var kept = new MountOptionRules(context.Devices, context.Devices.IsLeftOut).Apply(entry, optionChanges);
            if (optionChanges.Count > 0)
                unit = unit.With("Options", string.Join(",", kept));
            changes.AddRange(optionChanges);
        }

        var changed = new ChangedText(unit.Text, changes);
        if (changes.Count > 0)
            context.Write(Concern, path, changed.Text, changed.What, changed.Why);
    }

    /// <summary>The name of a swap unit stands for its device, so another device is another unit.</summary>
    private void PlanSwap(GuestContext context, string path, Queue<TargetVolume> free, HashSet<string> gone)
    {
        var unit = new UnitFile(context.Files.ReadText(path));
        var name = UnitLinks.NameOf(path);
        if (unit.Value("What") is not { } what || !DeviceNames.IsDevice(what))
            return;

        var resolved = context.Devices.Resolve(what);
        if (resolved.State == DeviceState.Kept)
            return;

        var links = UnitLinks.To(context.Files, name);
        // A swap area holds no data, so one that nothing else names serves.
        var volume = resolved.Volume ?? (resolved.State == DeviceState.Unknown && free.Count > 0 ? free.Dequeue() : null);
        if (volume is null)
        {
            if (WhyGone(context, name, resolved, what) is { } why)
                RemoveUnit(context, path, why, gone);
            return;
        }

        var now = DevicePath(volume);
        var reason = $"the VM does not have {what}";
        var own = $"{UnitLinks.Own}/{SystemdNames.Escape(now)}.swap";
        context.Write(Concern, own, unit.With("What", now).Text, $"takes the place of {name}", reason);
        RemoveUnit(context, path, reason, gone);
        foreach (var link in links)
            context.Link(Concern, $"{link[..link.LastIndexOf('/')]}/{UnitLinks.NameOf(own)}", own, reason);
    }

    private void RemoveAutomount(GuestContext context, string mount, string why, HashSet<string> gone)
    {
        var name = mount[..^".mount".Length] + ".automount";
        foreach (var path in UnitLinks.Folders.Select(folder => $"{folder}/{name}").Where(path => context.Files.Entry(path) is not null))
            RemoveUnit(context, path, why, gone);
    }

    private void RemoveUnit(GuestContext context, string path, string why, HashSet<string> gone)
    {
        var name = UnitLinks.NameOf(path);
        gone.Add(name);
        foreach (var link in UnitLinks.To(context.Files, name))
            context.Remove(Concern, link, why);

        context.Remove(Concern, path, why);
    }

    private static Queue<TargetVolume> FreeSwaps(GuestContext context)
    {
        var named = FstabEntry
            .ParseAll(context.Files.TryReadText("/etc/fstab") ?? "")
            .Select(entry => entry.Spec)
            .Concat(
                UnitLinks
                    .Units(context.Files, ".swap")
                    .Select(path => new UnitFile(context.Files.ReadText(path)).Value("What"))
                    .OfType<string>()
            )
            .Where(DeviceNames.IsDevice)
            .Select(spec => context.Devices.Resolve(spec).Volume)
            .ToList();
        return new Queue<TargetVolume>(context.Devices.Swaps.Where(swap => !named.Contains(swap)));
    }

    /// <summary>A unit names a device by its path, so that systemd waits for it.</summary>
    private static string DevicePath(TargetVolume volume) =>
        DeviceMap.StableName(volume) is var name && name.StartsWith("UUID=", StringComparison.Ordinal)
            ? "/dev/disk/by-uuid/" + name["UUID=".Length..]
            : name;

    /// <summary>Units that do not start without one that goes, or without a device that the VM does not have.</summary>
    private static void Report(GuestContext context, HashSet<string> gone)
    {
        foreach (var path in AllUnits(context.Files))
        {
            var unit = new UnitFile(context.Files.ReadText(path));
            var missing = Requirements
                .SelectMany(unit.Values)
                .SelectMany(value => value.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
                .Where(name => IsGone(context, name, gone))
                .Distinct()
                .ToList();
            if (missing.Count > 0)
            {
                context.Warn(
                    "UnitNeedsMissingVolume",
                    path,
                    $"{path} does not start without {string.Join(", ", missing)}, which the copy does not have.",
                    "Include the volume, or change the unit in the copy."
                );
            }
        }
    }

    private static bool IsGone(GuestContext context, string name, HashSet<string> gone)
    {
        if (gone.Contains(name))
            return true;

        if (!PathSuffixes.Any(suffix => name.EndsWith(suffix, StringComparison.Ordinal)) || SystemdNames.PathOf(name) is not { } path)
            return false;

        return DeviceNames.IsDevice(path)
            ? context.Devices.Resolve(path).State is DeviceState.LeftOut or DeviceState.Unknown
                && path.StartsWith("/dev/", StringComparison.Ordinal)
                && IsDisk(path)
            : context.Devices.IsLeftOut(path);
    }

    /// <summary>Units of other devices, such as a terminal or an adapter, are none of ours.</summary>
    private static bool IsDisk(string path) =>
        ((string[])["/dev/sd", "/dev/hd", "/dev/vd", "/dev/nvme", "/dev/md", "/dev/mapper/", "/dev/disk/", "/dev/cciss/", "/dev/dm-"]).Any(
            start => path.StartsWith(start, StringComparison.Ordinal)
        );

    /// <summary>A link to a package's unit says nothing of its own.</summary>
    private static IEnumerable<string> AllUnits(GuestTree files) =>
        UnitLinks
            .Folders.SelectMany(folder =>
                UnitSuffixes.SelectMany(suffix => files.Files(folder, "*" + suffix)).Concat(Additions(files, folder))
            )
            .Where(path => files.Entry(path) is { Kind: EntryKind.File } and { Length: < LongestUnit });

    private static IEnumerable<string> Additions(GuestTree files, string folder) =>
        files.Folders(folder, "*.d").SelectMany(addition => files.Files(addition, "*.conf"));
}
