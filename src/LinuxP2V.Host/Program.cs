using LinuxP2V.Host;

return CommandLine.Parse(args) switch
{
    { Problem: { } problem } => Fail(problem),
    { Help: true } => Print(CommandLine.Usage),
    var line => new Shell(line).Run(),
};

static int Print(string text)
{
    Console.Out.WriteLine(text);
    return 0;
}

static int Fail(string problem)
{
    Console.Error.WriteLine(problem);
    Console.Error.WriteLine(CommandLine.Usage);
    return 64;
}
