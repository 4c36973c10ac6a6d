using System.Management.Automation;
using System.Text;

namespace LinuxP2V.Host.Console;

/// <summary>
/// The terminal: text scrolls above, progress bars stand below it. Where the output is no terminal, progress becomes a
/// plain line now and then on standard error. Safe from any thread.
/// </summary>
internal sealed class Screen
{
    private const int MaxBars = 12;
    private static readonly TimeSpan s_plainPause = TimeSpan.FromSeconds(5);
    private readonly Lock _lock = new();
    private readonly SortedDictionary<int, ProgressRecord> _bars = [];
    private readonly Dictionary<int, DateTime> _saidAt = [];
    private readonly Stack<StringBuilder> _captures = new();
    private int _drawn;
    private bool _midLine;

    public Screen() => Current = this;

    /// <summary>The process's only one.</summary>
    public static Screen? Current { get; private set; }

    public bool IsTerminal { get; } = !System.Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb";

    public int Width => IsTerminal && System.Console.WindowWidth > 0 ? System.Console.WindowWidth : 120;

    public void Write(string text)
    {
        lock (_lock)
        {
            if (_captures.Count > 0)
            {
                _captures.Peek().Append(text);
                return;
            }

            Erase();
            System.Console.Out.Write(text);
            _midLine = text.Length > 0 && text[^1] != '\n';
            Draw();
        }
    }

    public void WriteError(string line)
    {
        lock (_lock)
        {
            Erase();
            System.Console.Error.WriteLine(line);
            Draw();
        }
    }

    /// <summary>Until the matching <see cref="EndCapture"/> what is written is kept instead.</summary>
    public void BeginCapture()
    {
        lock (_lock)
            _captures.Push(new StringBuilder());
    }

    public string EndCapture()
    {
        lock (_lock)
            return _captures.Pop().ToString();
    }

    public void Show(ProgressRecord record)
    {
        lock (_lock)
        {
            if (record.RecordType == ProgressRecordType.Completed)
                _bars.Remove(record.ActivityId);
            else
                _bars[record.ActivityId] = record;
            if (IsTerminal)
            {
                Erase();
                Draw();
            }
            else if (record.RecordType != ProgressRecordType.Completed)
            {
                SayNowAndThen(record);
            }
        }
    }

    public void ClearProgress()
    {
        lock (_lock)
        {
            Erase();
            _bars.Clear();
        }
    }

    public void Close()
    {
        ClearProgress();
        System.Console.Out.Flush();
    }

    private void SayNowAndThen(ProgressRecord record)
    {
        var now = DateTime.UtcNow;
        if (_saidAt.TryGetValue(record.ActivityId, out var said) && now - said < s_plainPause)
            return;
        _saidAt[record.ActivityId] = now;
        System.Console.Error.WriteLine(LineOf(record, int.MaxValue));
    }

    private void Erase()
    {
        if (_drawn == 0)
            return;
        // Up to the first bar, and clear to the end of the screen.
        System.Console.Out.Write($"\e[{_drawn}A\r\e[J");
        _drawn = 0;
    }

    private void Draw()
    {
        // Bars below an unfinished line, such as a prompt, would break it.
        if (!IsTerminal || _midLine || _bars.Count == 0 || _captures.Count > 0)
            return;
        foreach (var record in _bars.Values.Take(MaxBars))
        {
            System.Console.Out.Write(LineOf(record, Width - 1) + "\n");
            _drawn++;
        }
    }

    private static string LineOf(ProgressRecord record, int width)
    {
        var line = new StringBuilder();
        line.Append(' ', record.ParentActivityId >= 0 ? 2 : 0).Append(record.Activity).Append("  ");
        if (record.PercentComplete >= 0)
        {
            var filled = Math.Clamp(record.PercentComplete, 0, 100) / 5;
            line.Append('[').Append('#', filled).Append('.', 20 - filled).Append("] ").Append(record.PercentComplete).Append(" %  ");
        }

        line.Append(record.StatusDescription);
        return line.Length > width ? line.ToString(0, Math.Max(0, width)) : line.ToString();
    }
}
