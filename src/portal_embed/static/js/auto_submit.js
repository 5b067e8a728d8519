// data-behavior="auto-submit": presses the one button inside, once, on arrival. Never on Back, which would trap the reader.
{
  const press = () => {
    if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") return;
    const button = document.querySelector('.portal [data-behavior~="auto-submit"] button');
    button?.form?.requestSubmit(button);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", press);
  else press();
}
