using LinuxP2V.Guest.Files;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Guest.BootLoaders;

/// <summary>The menu that GRUB really reads. Machines that were updated often have an older one elsewhere.</summary>
internal static class GrubMenuFile
{
    private const int MostSteps = 4;

    /// <summary>A loader that leads nowhere else reads the menu that its own tool writes.</summary>
    private static readonly string[] Usual = ["/boot/grub2/grub.cfg", "/boot/grub/grub.cfg"];

    /// <summary>BIOS: the boot code looks in the folder of the tool that puts it there.</summary>
    /// <param name="installer">grub-install or grub2-install; null where there is none.</param>
    public static string OfBios(GuestTree files, string? installer)
    {
        var own = installer == "grub2-install" ? Usual[0] : Usual[1];
        return files.FileExists(own) ? own : Usual.FirstOrDefault(files.FileExists) ?? own;
    }

    /// <summary>UEFI: the file beside the loader is the menu, or leads to it.</summary>
    /// <param name="folder">Of the loader.</param>
    public static string OfEfi(GuestTree files, TargetLayout layout, string folder)
    {
        var path = files.FindIgnoringCase(folder, "grub.cfg");
        for (var step = 0; path is not null && files.FileExists(path) && step < MostSteps; step++)
        {
            var text = files.ReadText(path);
            if (!IsStub(text))
                return path;

            path = Target(files, layout, text);
        }

        return path ?? Usual.FirstOrDefault(files.FileExists) ?? OfTools(files);
    }

    /// <summary>Whether there is anything that GRUB in this folder of the EFI partition could read.</summary>
    public static bool IsThere(GuestTree files, string folder) =>
        files.FindIgnoringCase(folder, "grub.cfg") is not null || Usual.Any(files.FileExists);

    /// <summary>A file beside an EFI loader that has no entries of its own and leads to the real menu.</summary>
    public static bool IsStub(string text)
    {
        var script = GrubScript.Parse(text);
        return script.Entries.Count == 0 && !script.HasBlsEntries && script.Commands.Any(IsLead);
    }

    private static bool IsLead(GrubCommand command) =>
        command.Name is "configfile" or "source" or "." or "normal" && command.Words.Count > 1;

    private static string? Target(GuestTree files, TargetLayout layout, string text)
    {
        var script = GrubScript.Parse(text);
        var variables = new GrubVariables(new Dictionary<string, string>(StringComparer.Ordinal));
        variables.Run(script.Commands);
        var paths = new GrubPaths(files, layout);
        return script
            .Commands.Where(IsLead)
            .Select(command => variables.Expand(command.Words[1]) is { } path ? paths.Find(path, variables["root"]) : null)
            .FirstOrDefault(path => path is not null);
    }

    private static string OfTools(GuestTree files) => files.Program("grub2-mkconfig") is not null ? Usual[0] : Usual[1];
}
