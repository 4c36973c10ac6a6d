using LinuxP2V.Guest.Devices;
using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.CommandLine;

/// <summary>The kernel's command line for the copy's devices.</summary>
internal static class CommandLineText
{
    /// <param name="line">Words as the boot loader passes them.</param>
    /// <returns>The same text where no word changes.</returns>
    public static ChangedText Transform(string line, DeviceMap devices)
    {
        var words = KernelWord.Split(line).Select(match => match.Value).ToList();
        var verdicts = KernelWordRules.Judge(words, devices);
        var changes = words
            .Zip(verdicts, (word, verdict) => (Word: word, Verdict: verdict))
            .Where(pair => pair.Verdict.Why is not null)
            .Select(pair => new TextChange(pair.Word, pair.Verdict.Now is null ? "removed" : $"now {pair.Verdict.Now}", pair.Verdict.Why!))
            .ToList();
        return new ChangedText(
            changes.Count == 0 ? line : string.Join(" ", verdicts.Select(verdict => verdict.Now).OfType<string>()),
            changes
        );
    }
}
