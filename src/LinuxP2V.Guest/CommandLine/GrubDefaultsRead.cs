using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.CommandLine;

/// <summary>
/// /etc/default/grub and its parts, read by a shell of the copy as grub-mkconfig will read them. What is still wrong on the
/// kernel's command line is overruled, and a file that a shell cannot read after it was changed is put back.
/// </summary>
/// <param name="Paths">The files in the order in which they are read.</param>
/// <param name="LastWord">Where assignments go that overrule all others: a file that is read last.</param>
public sealed record GrubDefaultsRead(string Concern, IReadOnlyList<string> Paths, string LastWord)
    : ToolChange(Concern, Paths[0], "read by a shell", "grub-mkconfig makes the menu of what a shell makes of it")
{
    private const string Main = "/etc/default/grub";
    private const string PartsFolder = "/etc/default/grub.d";

    /// <summary>Names of the program that reads them.</summary>
    private static readonly string[] Programs = ["grub-mkconfig", "grub2-mkconfig"];

    /// <returns>Null where there is nothing to read.</returns>
    internal static GrubDefaultsRead? Plan(GuestTree files, string concern)
    {
        var parts = ReadsParts(files) ? files.Files(PartsFolder, "*.cfg") : [];
        string[] all = [.. ((string[])[Main]).Where(files.FileExists), .. parts];
        return all.Length == 0 ? null : new GrubDefaultsRead(concern, all, parts.Count > 0 ? $"{PartsFolder}/zzzz-linuxp2v.cfg" : Main);
    }

    /// <summary>Debian's and Ubuntu's do, others do not.</summary>
    private static bool ReadsParts(GuestTree files) =>
        Programs
            .Select(files.Program)
            .OfType<string>()
            .Select(program => files.Length(program) > 1 ? TryRead(files, program) : null)
            .All(text => text is null || text.Contains("default/grub.d"));

    /// <summary>Programs are not read from a running source.</summary>
    private static string? TryRead(GuestTree files, string program)
    {
        try
        {
            return files.Store.ReadText(files.Resolve(program));
        }
        catch (FileNotReadException)
        {
            return null;
        }
    }
}
