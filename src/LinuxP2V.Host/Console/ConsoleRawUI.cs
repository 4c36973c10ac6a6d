using System.Management.Automation.Host;

namespace LinuxP2V.Host.Console;

/// <summary>The few things that formatting asks of a terminal; nothing here moves the cursor.</summary>
internal sealed class ConsoleRawUI(Screen screen) : PSHostRawUserInterface
{
    public override ConsoleColor BackgroundColor { get; set; } = ConsoleColor.Black;

    public override ConsoleColor ForegroundColor { get; set; } = ConsoleColor.White;

    public override Size BufferSize
    {
        get => new(screen.Width, 3000);
        set => throw NotHere();
    }

    public override Coordinates CursorPosition
    {
        get => new(0, 0);
        set => throw NotHere();
    }

    public override int CursorSize { get; set; } = 25;

    public override bool KeyAvailable => !System.Console.IsInputRedirected && System.Console.KeyAvailable;

    public override Size MaxPhysicalWindowSize => WindowSize;

    public override Size MaxWindowSize => WindowSize;

    public override Coordinates WindowPosition { get; set; }

    public override Size WindowSize
    {
        get => new(screen.Width, screen.IsTerminal ? Math.Max(1, System.Console.WindowHeight) : 50);
        set => throw NotHere();
    }

    public override string WindowTitle { get; set; } = "p2vsh";

    public override void FlushInputBuffer()
    {
    }

    public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw NotHere();

    public override KeyInfo ReadKey(ReadKeyOptions options) => throw NotHere();

    public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) => throw NotHere();

    public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) => throw NotHere();

    public override void SetBufferContents(Rectangle rectangle, BufferCell fill)
    {
        // Clear-Host.
        if (screen.IsTerminal)
            screen.Write("\e[2J\e[H");
    }

    private static NotSupportedException NotHere() => new("p2vsh does not place text on the screen.");
}
